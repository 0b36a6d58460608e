using Direct.Gateway.Cluster;
using Microsoft.Extensions.Hosting;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterStartTests
{
    /// <summary>
    /// Regression test: the task of the lease was not observed, so after an error in it the gateway stayed outside its cluster without a log entry.
    /// One of two watched services fails here.
    /// </summary>
    [Fact]
    public async Task WatchAsync_OneServiceFails_Throws()
    {
        using var healthy = new Service();
        using var faulty = new Service();
        await healthy.StartAsync(CancellationToken.None);
        await faulty.StartAsync(CancellationToken.None);
        var watching = ClusterStart.WatchAsync([healthy, faulty], CancellationToken.None);

        faulty.End.SetException(new InvalidOperationException("as the test says"));

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => watching.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal("as the test says", thrown.Message);
    }

    [Fact]
    public async Task WatchAsync_OneServiceEndsWell_WatchesTheOthers()
    {
        using var first = new Service();
        using var second = new Service();
        await first.StartAsync(CancellationToken.None);
        await second.StartAsync(CancellationToken.None);
        var watching = ClusterStart.WatchAsync([first, second], CancellationToken.None);

        first.End.SetResult();
        Assert.False(watching.IsCompleted);
        second.End.SetResult();

        await watching.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WatchAsync_ToldToEnd_DoesNotWaitForTheServices()
    {
        using var stopping = new CancellationTokenSource();
        using var service = new Service();
        await service.StartAsync(CancellationToken.None);
        var watching = ClusterStart.WatchAsync([service], stopping.Token);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    private sealed class Service : BackgroundService
    {
        public TaskCompletionSource End { get; } = new();

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => End.Task;
    }
}
