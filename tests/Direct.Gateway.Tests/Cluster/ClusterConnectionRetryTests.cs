using Direct.Gateway.Cluster;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterConnectionRetryTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ClusterConnectionRetry _retry;

    public ClusterConnectionRetryTests() => _retry = new ClusterConnectionRetry(_time, NullLogger<ClusterConnectionRetry>.Instance);

    [Fact]
    public async Task ShouldRetry_AgainAndAgain_WaitsLongerUpToFiveSeconds()
    {
        var delays = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var asking = _retry.ShouldRetryConnectionAttempt(new IOException("no database"), CancellationToken.None);
            var waited = TimeSpan.Zero;
            for (; !asking.IsCompleted; waited += TimeSpan.FromMilliseconds(50))
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
            }

            Assert.True(await asking);
            delays.Add(waited.TotalSeconds);
        }

        Assert.Equal([0.25, 0.5, 1, 2, 4, 5, 5, 5], delays);
    }

    [Fact]
    public async Task ShouldRetry_Stopping_Ends()
    {
        using var stopping = new CancellationTokenSource();
        var asking = _retry.ShouldRetryConnectionAttempt(new IOException("no database"), stopping.Token);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }
}
