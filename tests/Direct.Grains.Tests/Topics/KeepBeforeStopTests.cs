using Direct.Grains.Gateways;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Tests what a silo puts on gateways before it stops.</summary>
public sealed class KeepBeforeStopTests : IDisposable
{
    private static readonly Ballot Ballot = new(3, Guid.NewGuid());

    private readonly ManualTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly FakeLink[] _links = [.. "abc".Select(static name => new FakeLink($"{name}") { Keeps = true })];
    private readonly FakeLiveGateways _gateways;
    private readonly GrainMetrics _metrics;
    private readonly LaneLogs _logs;
    private readonly LaneRouter _lane;
    private readonly FakeSiloLifecycle _lifecycle = new();
    private readonly RecordingLogger<KeepBeforeStop> _log = new();
    private readonly List<(FakeLink Gateway, KeepRequest Request)> _asked = [];

    public KeepBeforeStopTests()
    {
        _gateways = new FakeLiveGateways(_links);
        _metrics = new GrainMetrics(_meters);
        _logs = TestLogs.Create(_metrics, _gateways, _time);
        new KeepBeforeStop(_logs, _gateways, _metrics, _time, _log).Participate(_lifecycle);
        _lane = new LaneRouter(_gateways, new FakeMemoryWatch(), _metrics, _logs, _time);
        _lane.Restore(new RecoveredLane(Ballot, []));
        foreach (var link in _links)
        {
            link.OnKeep = requests => Task.FromResult(Keep(link, requests));
        }
    }

    private FakeLink A => _links[0];

    public void Dispose()
    {
        _logs.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Stop_AGatewayHasEverything_AsksNobodyToKeep()
    {
        Subscribe(A);
        _lane.Accept(One(1), Guid.Empty, out _);
        AddRing(A, Head());

        await StopAsync();

        Assert.Empty(_asked);
        Assert.Equal((Ballot, true), (Assert.Single(A.Recoveries).Ballot, A.Recoveries.Single().IsWithoutHeaders));
        Assert.Empty(_links[1].Recoveries);
    }

    [Fact]
    public async Task Stop_NoGatewayKeepsATopic_PutsItOnOne()
    {
        LoseTheKeeper();

        await StopAsync();

        var (gateway, request) = Assert.Single(_asked);
        Assert.True(gateway != A && _lane.LogsToKeep().Keepers.Contains(gateway.Id));
        Assert.InRange(request.KeepFor!.Value, TestLogs.Window - TimeSpan.FromSeconds(2), TestLogs.Window);
        Assert.Equal(1, _meters.Sum("direct.silo.holders.asked"));
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task Stop_AGatewayRefuses_AsksTheNext()
    {
        LoseTheKeeper();
        var refused = new List<FakeLink>();
        foreach (var link in _links)
        {
            var keep = link.OnKeep!;
            link.OnKeep = requests =>
            {
                if (refused.Count > 0)
                {
                    return keep(requests);
                }

                refused.Add(link);
                return Task.FromResult(false);
            };
        }

        await StopAsync();

        Assert.NotEqual(refused[0], Assert.Single(_asked).Gateway);
    }

    /// <summary>The gateway has subscribed a moment ago.</summary>
    [Fact]
    public async Task Stop_AGatewayFetchesTheLog_WaitsUntilItIsComplete()
    {
        Subscribe(A);
        AddRing(A, 0).IsComplete = false;

        var stopping = StartStop();
        await Deadline.UntilAsync("it asks again", () => Step(stopping, A.Recoveries.Count > 2));
        Assert.False(stopping.IsCompleted);
        A.Rings[Room].IsComplete = true;
        await EndAsync(stopping);

        Assert.Empty(_asked);
    }

    /// <summary>A gateway that lags, or was left out of the recovery, has another log than this silo.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_AGatewayHasLess_IsNotEnough(bool isBehind)
    {
        Subscribe(A);
        _lane.Accept(One(1), Guid.Empty, out _);
        A.Rings.Add(Room, FakeRing.Of(isBehind ? Epoch() : 77, Ballot, 1, isBehind ? 0 : 1));

        await StopAsync();

        Assert.StartsWith("Warning: This silo stops", Assert.Single(_log.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_TheOnlyKeeperDoesNotAnswer_PutsTheTopicOnAnother()
    {
        Subscribe(A);
        A.OnRecover = static (_, _) => Task.FromResult<RecoverAnswer?>(null);

        await StopAsync();

        Assert.Contains(_asked, asked => asked.Gateway != A);
        Assert.Empty(_log.Entries);
    }

    /// <summary>A gateway that has handed its topics over will have left soon.</summary>
    [Fact]
    public async Task Stop_TheOnlyKeeperStopsToo_PutsTheTopicOnAnother()
    {
        Subscribe(A);
        AddRing(A, 0);
        Assert.True(_lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));

        await StopAsync();

        Assert.NotEqual(A, Assert.Single(_asked).Gateway);
    }

    [Fact]
    public async Task Stop_NobodyAnswers_EndsAfterAWhile()
    {
        LoseTheKeeper();
        Array.ForEach(_links, static link => link.OnKeep = static _ => Task.FromResult(false));
        var startedAt = _time.GetTimestamp();

        await StopAsync();

        Assert.InRange(_time.GetElapsedTime(startedAt), KeepBeforeStop.Longest, KeepBeforeStop.Longest + TimeSpan.FromSeconds(1));
        Assert.Single(_log.Entries);
    }

    [Fact]
    public async Task Stop_AnotherActivationLeadsTheLane_LeavesItAlone()
    {
        Subscribe(A);
        A.Rings.Promised = new Ballot(4, Guid.NewGuid());

        await StopAsync();

        Assert.Empty(_asked);
        Assert.Empty(_log.Entries);
    }

    [Fact]
    public async Task Stop_LogsThatEndSoon_AreNotPutAnywhere()
    {
        Subscribe(A);
        _lane.Unsubscribe(Room, A.Id, 9);

        await StopAsync();

        Assert.Empty(_asked);
        Assert.Empty(_log.Entries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_WithoutGatewaysOrFenced_EndsAtOnce(bool isFenced)
    {
        LoseTheKeeper();
        _gateways.IsFenced = isFenced;
        Array.ForEach(_links, link => link.Keeps = isFenced);

        await StartStop();

        Assert.Empty(_asked);
    }

    /// <summary>A gateway that stops at the same time must not trust this silo with what only it has.</summary>
    [Fact]
    public async Task HandOver_WhileTheSiloStops_IsNotReady()
    {
        Subscribe(A);
        AddRing(A, 0);

        await StopAsync();

        Assert.False(_lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));
        Assert.Single(_lane.LogsToKeep().Keepers);
    }

    [Fact]
    public async Task Stop_Always_IsBeforeTheStageInWhichTheSiloRefusesBatches()
    {
        LoseTheKeeper();

        await _lifecycle.StopAsync(ServiceLifecycleStage.Active, TestContext.Current.CancellationToken);
        Assert.Empty(_asked);
        var stopping = _lifecycle.StopAsync(ServiceLifecycleStage.Active + 1, TestContext.Current.CancellationToken);
        await EndAsync(stopping);

        Assert.Single(_asked);
    }

    private void Subscribe(FakeLink gateway)
    {
        gateway.Want(Room, 1);
        Assert.Equal(KeptStatus.Kept, _lane.SubscribeKept(Room, gateway.Id, 1).Status);
    }

    private void LoseTheKeeper()
    {
        Subscribe(A);
        _gateways.All.Remove(A);
        _lane.Sweep();
    }

    private long Epoch() => Request().Marks[^1].Epoch;

    private long Head() => Request().Head;

    private KeepRequest Request() => Assert.Single(_lane.LogsToKeep().Requests);

    private FakeRing AddRing(FakeLink gateway, long head)
    {
        var ring = FakeRing.Of(Epoch(), Ballot, 1, head);
        gateway.Rings.Add(Room, ring);
        return ring;
    }

    private bool Keep(FakeLink gateway, KeepRequest[] requests)
    {
        _asked.AddRange(requests.Select(request => (gateway, request)));
        Subscribe(gateway);
        AddRing(gateway, requests[0].Head);
        return true;
    }

    private Task StartStop() => _lifecycle.StopAsync(TestContext.Current.CancellationToken);

    private Task StopAsync() => EndAsync(StartStop());

    private async Task EndAsync(Task stopping)
    {
        await Deadline.UntilAsync("the stage has ended", () => Step(stopping, false));
        await stopping;
    }

    private bool Step(Task stopping, bool isReached)
    {
        if (!stopping.IsCompleted && !isReached)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }

        return stopping.IsCompleted || isReached;
    }
}
