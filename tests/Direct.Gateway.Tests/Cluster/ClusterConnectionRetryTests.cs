using Direct.Edge.Node;
using Direct.Gateway.Cluster;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Membership;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterConnectionRetryTests
{
    private static readonly Exception NoGateway = new IOException("could not find any gateway");

    private readonly ManualTimeProvider _time = new();
    private readonly FakeMembers _members = new();
    private readonly NodeGate _gate = new();
    private readonly RecordingLogger<ClusterConnectionRetry> _logger = new();
    private readonly ClusterConnectionRetry _retry;

    public ClusterConnectionRetryTests() =>
        _retry = new ClusterConnectionRetry(_members, _gate, Options.Create(new ClusterOptions { ClusterId = "blue" }), _time, _logger);

    [Fact]
    public async Task ShouldRetry_AgainAndAgain_TriesOftenForFiveSecondsAndThenWaitsLonger()
    {
        var delays = new List<double>();
        for (var i = 0; i < 27; i++)
        {
            delays.Add((await RetryAsync()).TotalSeconds);
        }

        Assert.Equal([.. Enumerable.Repeat(0.25, 20), 0.5, 1, 2, 4, 5, 5, 5], delays);
    }

    [Fact]
    public async Task ShouldRetry_Stopping_Ends()
    {
        using var stopping = new CancellationTokenSource();
        var asking = _retry.ShouldRetryConnectionAttempt(NoGateway, stopping.Token);

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task ShouldRetry_SilosOfOtherClusters_NamesThemAndItsOwn()
    {
        _members.Clusters = ["Blue", "green"];

        await RetryAsync();

        Assert.False(_gate.IsOpen);
        Assert.Equal(
            "no silo of cluster id 'blue' is active in database 'direct' at db:3306, while silos of 'Blue', 'green' are: "
            + "fix Direct:Cluster:ClusterId of this gateway, or start silos with it",
            _gate.NotReadyReason);
        Assert.Equal([$"Warning: Waiting for the cluster: {_gate.NotReadyReason}"], _logger.Entries);
    }

    [Fact]
    public async Task ShouldRetry_NoSilosAtAll_SaysSo()
    {
        await RetryAsync();

        Assert.Equal("no silo of cluster id 'blue' is active in database 'direct' at db:3306", _gate.NotReadyReason);
    }

    [Fact]
    public async Task ShouldRetry_SilosOfItsOwnThatDoNotAnswer_SaysWhatWentWrong()
    {
        _members.Clusters = ["blue", "green"];

        await RetryAsync();

        Assert.Equal("no silo of cluster id 'blue' can be reached: could not find any gateway", _gate.NotReadyReason);
    }

    [Fact]
    public async Task ShouldRetry_NoDatabase_NamesIt()
    {
        _members.Clusters = null;

        await RetryAsync();

        Assert.Equal("database 'direct' at db:3306 does not answer: Unable to connect", _gate.NotReadyReason);
    }

    [Fact]
    public async Task ShouldRetry_TheSameReason_IsLoggedOnceAMinute()
    {
        for (var waited = TimeSpan.Zero; waited < TimeSpan.FromSeconds(90);)
        {
            waited += await RetryAsync();
        }

        Assert.Equal(2, _logger.Entries.Count);
    }

    [Fact]
    public async Task ShouldRetry_AnotherReason_IsLoggedAtOnce()
    {
        await RetryAsync();
        _members.Clusters = ["green"];

        await RetryAsync();

        Assert.Equal(2, _logger.Entries.Count);
    }

    /// <summary>Requests one retry and returns the delay before it.</summary>
    private async Task<TimeSpan> RetryAsync()
    {
        var asking = _retry.ShouldRetryConnectionAttempt(NoGateway, CancellationToken.None);
        var waited = TimeSpan.Zero;
        for (; !asking.IsCompleted; waited += TimeSpan.FromMilliseconds(50))
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        Assert.True(await asking);
        return waited;
    }
}
