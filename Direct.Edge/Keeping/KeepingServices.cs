using Direct.Keeping;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Keeping;

/// <summary>Adds what keeps messages for clients that come back.</summary>
internal static class KeepingServices
{
    public static IServiceCollection AddDirectKeeping(this IServiceCollection services) => services
        .AddDirectOptions<KeepOptions>(KeepOptions.SectionName)
        .AddSingleton<KeptTopics>()
        .AddSingleton(static provider => KeepBudget.Create(provider, provider.GetRequiredService<IOptions<KeepOptions>>().Value));
}
