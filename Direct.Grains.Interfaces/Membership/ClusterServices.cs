using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansClusterOptions = Orleans.Configuration.ClusterOptions;

namespace Direct.Grains.Membership;

/// <summary>Adds the settings of Orleans that silos and gateways share.</summary>
internal static class ClusterServices
{
    /// <summary>Adds the settings of the cluster.</summary>
    /// <param name="services">The services of the program.</param>
    /// <param name="providers">The values of <c>cluster=</c> that this program knows.</param>
    /// <param name="rule">The rule in the message if another provider is set.</param>
    /// <param name="isShared">Whether other programs have settings in the section that this program does not know.</param>
    public static IServiceCollection AddClusterOptions(this IServiceCollection services, IReadOnlyList<string> providers, string rule, bool isShared = false) => services
        .AddDirectOptions<ClusterOptions>(ClusterOptions.SectionName, isShared)
        .AddSingleton<IValidateOptions<ClusterOptions>>(new ClusterOptionsValidator(providers, rule));

    /// <summary>Makes Orleans a member of the cluster that the settings name.</summary>
    public static IServiceCollection AddClusterIds(this IServiceCollection services)
    {
        services.AddOptions<OrleansClusterOptions>().Configure<IOptions<ClusterOptions>>(static (orleans, cluster) =>
        {
            orleans.ClusterId = cluster.Value.ClusterId;
            orleans.ServiceId = cluster.Value.ServiceId;
        });
        return services;
    }

    /// <summary>Limits the calls between silos and gateways: their duration, their size, and the time for connecting.</summary>
    public static IServiceCollection AddCallLimits<TMessagingOptions>(this IServiceCollection services)
        where TMessagingOptions : MessagingOptions => services
        .Configure<TMessagingOptions>(static messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);
            messaging.MaxMessageBodySize = 16 * 1024 * 1024;
        })
        .Configure<ConnectionOptions>(static connections => connections.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
}
