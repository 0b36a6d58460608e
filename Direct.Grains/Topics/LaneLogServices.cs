using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Keeping;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Direct.Grains.Topics;

/// <summary>Adds what keeps the logs of topics in a silo. A gateway in the same process shares the budget.</summary>
internal static class LaneLogServices
{
    public static IServiceCollection AddLaneLogs(this IServiceCollection services)
    {
        services.AddDirectOptions<LaneLogOptions>(LaneLogOptions.SectionName).AddSingleton<IValidateOptions<LaneLogOptions>, LaneLogOptionsValidator>();
        services.TryAddSingleton(static provider => KeepBudget.Create(provider, Options(provider)));
        services.AddSingleton<DepartedSilos>();
        services.AddSingleton<LaneRecoveryContext>();
        return services.AddSingleton(static provider => new LaneLogs(
            provider.GetRequiredService<GrainMetrics>(),
            provider.GetRequiredService<ILiveGateways>(),
            provider.GetRequiredService<KeepBudget>(),
            Options(provider).BytesPerTopic,
            Options(provider).Window,
            provider.GetRequiredService<TimeProvider>()));
    }

    private static LaneLogOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<LaneLogOptions>>().Value;
}
