using System.Data.Common;
using Direct.Edge.Node;
using Direct.Grains.Membership;

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
    /// <summary>Specifies the key of the services that this starts and stops.</summary>
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
        using (var starting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken))
        {
            foreach (var service in services)
            {
                await service.StartAsync(starting.Token);
                _started.Push(service);
            }
        }

        await WatchAsync(_started, stoppingToken);
    }

    /// <summary>
    /// Throws what one of the services has ended by. The host ends the process by an error of a service that it has started itself, and
    /// these it has not started.
    /// </summary>
    internal static async Task WatchAsync(IEnumerable<IHostedService> services, CancellationToken stoppingToken)
    {
        var running = services.OfType<BackgroundService>().Select(static service => service.ExecuteTask!);
        await foreach (var ended in Task.WhenEach(running).WithCancellation(stoppingToken))
        {
            await ended;
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await database.FindErrorAsync(cancellationToken) is { } error)
                {
                    throw new ClusterStartException(error);
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
