using Direct.Grains.Hosting;
using Direct.Grains.Registry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ClusterOptions = Direct.Grains.Membership.ClusterOptions;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Adds a cluster of one silo in the gateway's own process. It needs no installation and no configuration, and no other process can join it.
/// </summary>
internal static class EmbeddedSilo
{
    // A part of the silo's address only: nothing listens there, so any number of these silos can run on one machine.
    private const int SiloPort = 11111;

    public static void AddEmbeddedSilo(this WebApplicationBuilder builder, ClusterOptions options)
    {
        builder.Services.AddSingleton<IValidateOptions<RegistryOptions>, EmbeddedLeaseValidator>();
        builder.UseOrleans(silo => silo.AddEmbeddedSilo(options));
    }

    private static void AddEmbeddedSilo(this ISiloBuilder silo, ClusterOptions options)
    {
        silo.UseLocalhostClustering(SiloPort, gatewayPort: 0, serviceId: options.ServiceId, clusterId: options.ClusterId);
        silo.Services.CloseListeners();
        silo.AddDirectGrains();

        // Its only client ends together with it, and has no other silo.
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.ClientGatewayShutdownNotificationTimeout = TimeSpan.Zero);

        // No gateway of an earlier run can be alive, because it would be in this process.
        silo.Services.Configure<RegistryOptions>(static registry => registry.ColdStartDelay = TimeSpan.Zero);
    }

    // Orleans registers the factories of its listeners under its own keys; Kestrel's has no key.
    private static void CloseListeners(this IServiceCollection services)
    {
        var keys = services
            .Where(static service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory))
            .Select(static service => service.ServiceKey)
            .ToArray();
        foreach (var key in keys)
        {
            services.AddKeyedSingleton<IConnectionListenerFactory, ClosedListenerFactory>(key);
        }
    }
}
