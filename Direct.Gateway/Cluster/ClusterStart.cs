using System.Data.Common;
using Direct.Edge.Node;
using Direct.Grains.Membership;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Joins the cluster while the node listens already, so that <c>/readyz</c> can report what it waits for. Silos and their database may start later.
/// Only an error in the database that an operator must fix ends the start.
/// </summary>
internal sealed class ClusterStart(
    [FromKeyedServices(ClusterStart.Key)] IEnumerable<IHostedService> services,
    MembershipDatabase database,
    IClientConnectionRetryFilter retry,
    NodeGate gate) : BackgroundService
{
    /// <summary>Specifies the key of the services that this class starts and stops.</summary>
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
        // Disposed when they have started: the objects that they use must not end before the services themselves are stopped.
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
    /// Throws the exception that has ended one of the services. The host ends the process after an error only in services that it has started itself,
    /// which these are not.
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

/// <summary>Reports that the gateway cannot start before an operator has fixed an error, which the message names.</summary>
internal sealed class ClusterStartException(string message) : Exception(message);
