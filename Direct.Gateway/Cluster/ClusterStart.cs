using System.Data.Common;
using Direct.Edge.Hosting;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Joins the cluster behind a node that listens already, so that <c>/readyz</c> can say what it waits for. Silos may come late, and so
/// may their database; only a database that somebody must mend ends the start.
/// </summary>
internal sealed class ClusterStart(
    [FromKeyedServices(ClusterStart.Key)] IEnumerable<IHostedService> services,
    MembershipDatabase database,
    IClientConnectionRetryFilter retry,
    NodeGate gate) : BackgroundService
{
    /// <summary>The key of the services that this starts and stops.</summary>
    public const string Key = "cluster";

    private readonly Stack<IHostedService> _started = new();

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        gate.Block("connecting to the cluster");
        await CheckAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (_started.TryPop(out var service))
        {
            await service.StopAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Disposed once they have started: what they hold on to must not end before their own turn to stop comes.
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        foreach (var service in services)
        {
            await service.StartAsync(starting.Token);
            _started.Push(service);
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await database.FaultAsync(cancellationToken) is { } fault)
                {
                    throw new ClusterStartException(fault);
                }

                return;
            }
            catch (DbException exception)
            {
                await retry.ShouldRetryConnectionAttempt(exception, cancellationToken);
            }
        }
    }
}

/// <summary>The gateway cannot start before somebody has mended something; the message says what.</summary>
internal sealed class ClusterStartException(string message) : Exception(message);
