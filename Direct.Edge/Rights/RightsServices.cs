using System.Diagnostics.Metrics;
using Direct.Edge.Diagnostics;
using Direct.Lookups;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Rights;

/// <summary>Adds the services that decide who may join rooms and broadcast there.</summary>
public static class RightsServices
{
    /// <summary>Specifies the name of rights at <c>/readyz</c>, in the names of instruments, and as the key of their services.</summary>
    public const string Area = "rights";

    /// <summary>Adds the source of a mode. It is created only if that mode is set.</summary>
    public static IServiceCollection AddRightsSource(this IServiceCollection services, RightsMode mode, Func<IServiceProvider, IRightsSource> make) =>
        services.AddKeyedSingleton(mode, (provider, _) => make(provider));

    internal static IServiceCollection AddDirectRights(this IServiceCollection services)
    {
        services.AddDirectOptions<RightsOptions>(RightsOptions.SectionName).AddSingleton<IValidateOptions<RightsOptions>, RightsOptionsValidator>();
        services.AddKeyedSingleton(Area, static (provider, _) => new LookupMetrics(provider.GetRequiredService<IMeterFactory>(), Area));
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<RightsOptions>>().Value.Mode is var mode and not RightsMode.Open
            ? ActivatorUtilities.CreateInstance<RoomRights>(
                provider, provider.GetRequiredKeyedService<IRightsSource>(mode), provider.GetRequiredKeyedService<LookupMetrics>(Area))
            : new RoomRights(provider.GetRequiredService<GatewayMetrics>()));
        return services.AddHostedService<RightsRun>();
    }
}
