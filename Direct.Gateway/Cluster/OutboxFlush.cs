namespace Direct.Gateway.Cluster;

/// <summary>Waits until the messages of clients are accepted, before the gateway leaves the cluster.</summary>
internal sealed class OutboxFlush(ClusterBackplane backplane, TimeProvider timeProvider) : IHostedService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await backplane.WhenIdle().WaitAsync(Longest, timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Signals that are still held are lost with this gateway.
        }
    }
}
