namespace Direct.Gateway.Cluster;

/// <summary>Before the gateway leaves the cluster, what its clients have said must have its place.</summary>
internal sealed class OutboxFlush(ClusterBackplane backplane, TimeProvider timeProvider) : IHostedService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var startedAt = timeProvider.GetTimestamp();
        while (backplane.BusyLanes > 0 && timeProvider.GetElapsedTime(startedAt) < Longest)
        {
            await Task.Delay(LookAgain, timeProvider, cancellationToken);
        }
    }
}
