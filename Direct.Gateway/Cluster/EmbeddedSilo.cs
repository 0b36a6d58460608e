using System.Net;
using System.Net.Sockets;
using Direct.Grains.Hosting;
using Direct.Grains.Registry;
using Orleans.Configuration;

namespace Direct.Gateway.Cluster;

/// <summary>A cluster of one, in the gateway's own process: nothing to install, nothing to configure, and nothing else may join.</summary>
internal static class EmbeddedSilo
{
    public static void AddEmbeddedSilo(this WebApplicationBuilder builder, ClusterOptions options) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(FreePort(11111), FreePort(30000), serviceId: options.ServiceId, clusterId: options.ClusterId);
        silo.AddDirectGrains();

        // Its only client ends with it, and has nobody else to turn to.
        silo.Configure<SiloMessagingOptions>(static messaging => messaging.ClientGatewayShutdownNotificationTimeout = TimeSpan.Zero);

        // No gateway from before can be alive: it would be this very process.
        silo.Services.Configure<RegistryOptions>(static registry => registry.ColdStartDelay = TimeSpan.Zero);
    });

    // So that several of them can stand side by side on one machine. Below the range that the system gives out by itself.
    private static int FreePort(int first)
    {
        for (var port = first; port < first + 1000; port++)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken
            }
        }

        throw new IOException($"No port from {first} to {first + 999} is free for the embedded silo.");
    }
}
