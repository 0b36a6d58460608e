namespace Direct.Gateway.Cluster;

/// <summary>Before the gateway leaves the cluster, what its clients have said must have its place.</summary>
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
            // What is still held is lost with this gateway.
        }
    }
}
