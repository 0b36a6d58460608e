using Direct.Grains.Membership;
using Direct.Silo.Endpoints;
using Direct.Startup;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Silo.Hosting;

/// <summary>Logs that the silo is a member of its cluster. Scripts and operators wait for this line.</summary>
internal sealed partial class ReadyReport(
    SiloEndpoints endpoints,
    IOptions<SiloOptions> silo,
    IOptions<ClusterOptions> cluster,
    ILogger<ReadyReport> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Log.Ready(logger, silo.Value.Name!, cluster.Value.ClusterId, cluster.Value.Provider, ProgramVersion.Text, endpoints.Address, silo.Value.SiloPort, silo.Value.GatewayPort);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(SiloEventIds.SiloReady, LogLevel.Information, "Direct.Silo {Name} is ready in cluster {ClusterId} ({Provider}), version {Version}, at {Address}: port {SiloPort} for silos, {GatewayPort} for gateways")]
        public static partial void Ready(ILogger logger, string name, string clusterId, string provider, string version, System.Net.IPAddress address, int siloPort, int gatewayPort);
    }
}
