using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Tests when the grain of a lane recovers, and what waits for it.</summary>
public sealed class LaneGrainRecoveryTests : IDisposable
{
    private static readonly Ballot Earlier = new(1, Guid.NewGuid());

    private readonly FakeLink _a = new("a") { Keeps = true };
    private readonly FakeLink _b = new("b") { Keeps = true };
    private readonly FakeLiveGateways _gateways;
    private readonly LocalLanes _lanes = new();
    private readonly TestMeters _meters = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LaneRecoveryContext _context;
    private readonly RoomGrain _grain;

    public LaneGrainRecoveryTests()
    {
        _gateways = new FakeLiveGateways(_a, _b);
        var membership = new FakeMembership();
        membership.Set(SiloAddress.New(IPAddress.Loopback, 1, 1), SiloStatus.Active);
        var metrics = new GrainMetrics(_meters);
        _context = new LaneRecoveryContext(
            _gateways, new DepartedSilos(membership, _time), metrics, Options.Create(new LaneLogOptions()), _time, NullLogger<LaneRecovery>.Instance);
        _grain = new RoomGrain(_gateways, new FakeMemoryWatch(), _lanes, metrics, TestLogs.Create(metrics, _gateways, _time), _context, _time);
    }

    private bool IsLocal => _lanes.TryFind(Lane.Of(Room), out _);

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Publish_NoGatewayCanKeep_DoesNotRecover()
    {
        (_a.Keeps, _b.Keeps) = (false, false);

        var publishing = _grain.PublishAsync(One(1), Guid.Empty);

        Assert.Equal(PublishStatus.Accepted, (await publishing).Status);
        Assert.Empty(_a.Recoveries);
        Assert.Null(Assert.Single(_a.Sent).Ballot);
    }

    [Fact]
    public async Task Publish_GatewayKeepsTheTopic_ContinuesItsLog()
    {
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, 1, 7));

        Assert.Equal(PublishStatus.Accepted, (await PublishAsync(One(8))).Status);

        var batch = Assert.Single(_a.Sent);
        Assert.Equal((_a.Rings.Promised, 8L), (batch.Ballot, Assert.Single(batch.Stamps!).Offset));
        Assert.Equal(_a.Rings[Room].Marks[^1].Epoch, batch.Stamps![0].Epoch);
    }

    /// <summary>
    /// Tests the repeat of a message that only gateway a had when the old activation was killed. It has the same place, so a drops it, and b, which lacks it, can tell.
    /// </summary>
    [Fact]
    public async Task Publish_RepeatOfARecoveredMessage_HasItsFirstOffset()
    {
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, 1, 7));

        await PublishAsync(One(6) with { IsRepeat = true });

        Assert.Equal(6, Assert.Single(Assert.Single(_b.Sent).Stamps!).Offset);
    }

    [Fact]
    public async Task Publish_RecoveryTakesLong_IsNotReadyAndTheSiloDoesNotFindTheLane()
    {
        Hang(_b);

        var publishing = _grain.PublishAsync(One(1), Guid.Empty).AsTask();
        await WaitUntilBIsAskedAsync();
        _time.Advance(LaneRecoveryRun.Patience);

        Assert.Equal(PublishStatus.NotReady, (await EndAsync(publishing)).Status);
        Assert.False(IsLocal);
        Assert.Empty(_a.Sent);
        Assert.Equal(1, _meters.Sum("direct.silo.batches.refused", "reason=recovering"));
    }

    [Fact]
    public async Task Publish_RecoveryEndsWhileItWaits_IsAccepted()
    {
        var answer = new TaskCompletionSource();
        _b.OnRecover = async (request, _) =>
        {
            await answer.Task;
            return _b.Rings.Recover(request);
        };
        var publishing = new[] { _grain.PublishAsync(One(1), Guid.Empty).AsTask(), _grain.PublishAsync(One(2), Guid.Empty).AsTask() };
        await Deadline.UntilAsync("it asks", () => !_b.Recoveries.IsEmpty);
        Assert.Empty(_a.Sent);

        answer.SetResult();

        Assert.All(await EndAsync(Task.WhenAll(publishing)), each => Assert.Equal(PublishStatus.Accepted, each.Status));
        Assert.True(IsLocal);
        Assert.Single(_b.Recoveries);
    }

    /// <summary>Tests a recovery that failed: the next call begins another one.</summary>
    [Fact]
    public async Task Publish_AfterARecoveryThatFailed_RecoversAgain()
    {
        _b.OnRecover = static (request, _) => Task.FromResult<RecoverAnswer?>(
            new RecoverAnswer(request.Lane, new Ballot(request.Ballot.Number + 1, Guid.NewGuid()), IsPromised: false, [], HasMore: false));
        Assert.Equal(PublishStatus.NotReady, (await PublishAsync(One(1))).Status);
        _b.OnRecover = null;

        Assert.Equal(PublishStatus.Accepted, (await PublishAsync(One(1))).Status);
    }

    [Fact]
    public async Task Publish_FencedSilo_DoesNotRecover()
    {
        _gateways.IsFenced = true;

        Assert.Equal(PublishStatus.NotReady, (await PublishAsync(One(1))).Status);

        Assert.Empty(_a.Recoveries);
        Assert.False(IsLocal);
    }

    /// <summary>
    /// Tests a batch that reaches a silo before its first table of gateways. If the lane began without a recovery then, it would give no places to the messages of a
    /// topic that gateways keep, and nobody could tell that they are missing.
    /// </summary>
    [Fact]
    public async Task Publish_AfterOneBeforeTheFirstTableOfGateways_Recovers()
    {
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, 1, 7));
        (_a.Keeps, _b.Keeps, _gateways.IsFenced) = (false, false, true);
        Assert.Equal(PublishStatus.NotReady, (await PublishAsync(One(8))).Status);
        (_a.Keeps, _b.Keeps, _gateways.IsFenced) = (true, true, false);

        Assert.Equal(PublishStatus.Accepted, (await PublishAsync(One(8))).Status);

        Assert.Equal(8, Assert.Single(Assert.Single(_a.Sent).Stamps!).Offset);
    }

    [Fact]
    public async Task Subscribe_DuringARecovery_IsNotDelayed()
    {
        Hang(_b);
        var publishing = _grain.PublishAsync(One(1), Guid.Empty).AsTask();
        await WaitUntilBIsAskedAsync();

        Assert.True(await _grain.SubscribeAsync(Room, _a.Id, 1));

        await EndRecoveryAsync();
        await EndAsync(publishing);
    }

    /// <summary>
    /// Tests interleaving 8: gateway a reports that it keeps the topic, and unsubscribes before the recovery has ended. It must not be a keeper afterwards, or the
    /// record of a quiet topic would never end.
    /// </summary>
    /// <summary>In a quiet topic the log would otherwise be only where it is kept.</summary>
    [Fact]
    public async Task Subscribe_OfANewLane_BeginsToRecover()
    {
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, 1, 7));

        Assert.True(await _grain.SubscribeAsync(Room, _b.Id, 1));

        await Deadline.UntilAsync("the lane recovers", () => !_a.Recoveries.IsEmpty);
    }

    [Fact]
    public async Task Unsubscribe_DuringARecovery_CountsAfterIt()
    {
        var ring = FakeRing.Of(1, Earlier, 1, 7);
        ring.Number = 5;
        _a.Rings.Add(Room, ring);
        Hang(_b);
        var subscribing = _grain.SubscribeKeptAsync(new TopicKey(TopicScope.Room, 5, 7), _b.Id, 1).AsTask();
        await WaitUntilBIsAskedAsync();

        var unsubscribing = _grain.UnsubscribeAsync(Room, _a.Id, 6).AsTask();
        _time.Advance(LaneRecoveryRun.Patience);
        Assert.Equal(KeptStatus.NotReady, (await EndAsync(subscribing)).Status); // before the recovery ends, or b would be a keeper
        Assert.False(unsubscribing.IsCompleted);
        await EndRecoveryAsync();
        await EndAsync(unsubscribing.ContinueWith(static _ => true, TaskScheduler.Default));

        await PublishAsync(One(8)); // enters the lane
        Assert.True(_lanes.TryFind(Lane.Of(Room), out var router));
        _time.Advance(TestLogs.Window + LaneRouter.KeepUnwantedFor);
        router.Sweep();
        Assert.False(router.HasRecords);
    }

    [Fact]
    public async Task SubscribeKept_OfANewLane_RecoversFirst()
    {
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, 1, 7));

        var answer = await EndAsync(_grain.SubscribeKeptAsync(Room, _b.Id, 1).AsTask());

        Assert.Equal((KeptStatus.Kept, 7L), (answer.Status, answer.Head));
        Assert.Equal(_a.Rings.Promised, answer.Ballot);
    }

    /// <summary>Tests a gateway that came after the lane had begun without a recovery, when no gateway could keep.</summary>
    [Fact]
    public async Task SubscribeKept_OfALaneThatHasPublished_RecoversThen()
    {
        (_a.Keeps, _b.Keeps) = (false, false);
        await PublishAsync(One(1));
        _b.Keeps = true;

        Assert.Equal(PublishStatus.Accepted, (await PublishAsync(One(2))).Status);
        Assert.Empty(_b.Recoveries);
        var answer = await EndAsync(_grain.SubscribeKeptAsync(Room, _b.Id, 1).AsTask());

        Assert.Equal((KeptStatus.Kept, _b.Rings.Promised), (answer.Status, answer.Ballot));
        Assert.Single(_b.Recoveries);
    }

    [Fact]
    public async Task Fetch_OfANewLane_RecoversFirst()
    {
        _a.Rings.Add(Room, FakeRing.Of(1, Earlier, 5, 7));
        _b.Rings.Add(Room, FakeRing.Of(1, Earlier, 5, 5));

        var page = await EndAsync(_grain.FetchAsync(new FetchRequest(Room, 5, FetchRequest.ToHead, IsNewestFirst: false, null)).AsTask());

        Assert.Equal([6L, 7L], page.Messages.Select(static message => message.Offset));
    }

    private static void Hang(FakeLink gateway) =>
        gateway.OnRecover = static (_, token) => new TaskCompletionSource<RecoverAnswer?>().Task.WaitAsync(token);

    private static Task<T> EndAsync<T>(Task<T> task) => LaneRouterFixture.EndAsync(task, "the end of the call");

    private Task<PublishAnswer> PublishAsync(SignalBatch batch) => EndAsync(_grain.PublishAsync(batch, Guid.Empty).AsTask());

    // Its patience is armed by then.
    private Task WaitUntilBIsAskedAsync() => Deadline.UntilAsync("b is asked", () => !_b.Recoveries.IsEmpty);

    private async Task EndRecoveryAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(4));
        await Deadline.UntilAsync("the recovery has ended", () => _meters.Sum("direct.silo.recoveries", "result=incomplete") > 0);
    }
}
