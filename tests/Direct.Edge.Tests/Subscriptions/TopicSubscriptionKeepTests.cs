using Direct.Edge.Keeping;
using Direct.Edge.Subscriptions;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Subscriptions;

/// <summary>Tests when a keeper subscribes with keep.</summary>
public sealed class TopicSubscriptionKeepTests : IDisposable
{
    private static readonly Topic Room = Topic.Group(7);

    private readonly TestGateway _gateway = new() { IsClustered = true, Keep = { Role = KeepRole.Keeper } };
    private readonly TopicSubscriptions _subscriptions;

    public TopicSubscriptionKeepTests()
    {
        _subscriptions = _gateway.TopicSubscriptions;
        _gateway.Faulty.OnSubscribeKept = kept =>
        {
            kept.Open(new LogPage { Table = EpochTable.Empty.Open(EpochTable.NewId()), Head = 0, First = 1, Entries = [] });
            return Task.CompletedTask;
        };
    }

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task TryAcquireAsync_ForAConnectionThatSpeaksDirect2_SubscribesWithKeep()
    {
        await AcquireAsync(keeps: true);

        Assert.Equal(["*all", "*group/7"], History);
        Assert.NotEqual(Stamp.None, _gateway.Kept.Find(Room)!.Head);
        Assert.NotEqual(Stamp.None, _gateway.Kept.Find(Topic.All)!.Head);
    }

    [Fact]
    public async Task TryAcquireAsync_OfTheOriginalDialect_SubscribesWithoutKeep()
    {
        await AcquireAsync(keeps: false);

        Assert.Equal(["+group/7"], History);
    }

    [Fact]
    public async Task TryAcquireAsync_TheFirstThatNeedsKeep_SubscribesAgainWithKeep()
    {
        await AcquireAsync(keeps: false);
        await AcquireAsync(keeps: true);
        await AcquireAsync(keeps: true);
        await AcquireAsync(keeps: false);

        Assert.Equal(["*all", "*group/7", "+group/7"], History);
    }

    [Fact]
    public async Task TryAcquireAsync_OfATopicThatIsNeverKept_SubscribesWithoutKeep()
    {
        Assert.NotNull(await _subscriptions.TryAcquireAsync(Topic.User(-1), keeps: true));

        Assert.Equal(["*all", "+user/-1"], History);
    }

    [Fact]
    public async Task TryAcquireAsync_WhileTheLaneIsNotReady_WaitsAndTriesAgain()
    {
        var open = _gateway.Faulty.OnSubscribeKept;
        var tries = 0;
        _gateway.Faulty.OnSubscribeKept = kept => kept.Topic == Room && ++tries < 3 ? Task.FromException(new TimeoutException("as the test says")) : open(kept);

        var acquiring = AcquireAsync(keeps: true);

        await Deadline.UntilAsync("the third try", () =>
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return acquiring.IsCompleted;
        });
        Assert.Equal(3, History.Count(static call => call == "*group/7"));
    }

    // The window holds the subscription, without a connection.
    [Fact]
    public async Task Release_ByTheLastConnectionThatEnds_KeepsTheTopicForTheWindow()
    {
        var handle = await AcquireAsync(keeps: true);
        var kept = _gateway.Kept.Hold(Room)!;
        handle.Dispose();
        kept.Release(_gateway.Kept.Window);

        Pass(_gateway.Kept.Window - TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("-group/7", History);
        Pass(TimeSpan.FromSeconds(2));

        await Deadline.UntilAsync("the end", () => History.Contains("-group/7"));
        Assert.Null(_gateway.Kept.Find(Room));
        Assert.DoesNotContain("+group/7", History);
    }

    [Fact]
    public async Task Release_ByTheLastThatNeedsKeep_SubscribesWithoutItForTheOthers()
    {
        await AcquireAsync(keeps: false);
        (await AcquireAsync(keeps: true)).Dispose();

        Pass(_subscriptions.Linger + TimeSpan.FromSeconds(1));

        await Deadline.UntilAsync("the subscribe without keep", () => History.Count(static call => call == "+group/7") == 2);
        Assert.Null(_gateway.Kept.Find(Room));
        Assert.DoesNotContain("-group/7", History);
    }

    [Fact]
    public async Task Reopen_WhileATopicIsKept_SubscribesWithKeepAgain()
    {
        await AcquireAsync(keeps: true);

        ((ILogLeader)_subscriptions).Reopen(Room);

        await Deadline.UntilAsync("the second subscribe", () => History.Count(static call => call == "*group/7") == 2);
    }

    /// <summary>
    /// Tests a topic that is kept no longer when a subscribe with keep is answered, which was to be made again meanwhile. Otherwise the silo would take this gateway for a keeper, and look for no other one.
    /// </summary>
    [Fact]
    public async Task Reopen_WhileTheTopicCeasesToBeKept_SubscribesWithoutKeep()
    {
        await AcquireAsync(keeps: false);
        var handle = await AcquireAsync(keeps: true);
        var open = _gateway.Faulty.OnSubscribeKept;
        var answer = new TaskCompletionSource();
        _gateway.Faulty.OnSubscribeKept = async kept =>
        {
            await answer.Task;
            await open(kept);
        };
        ((ILogLeader)_subscriptions).Reopen(Room);
        await Deadline.UntilAsync("the second subscribe", () => History.Count(static call => call == "*group/7") == 2);
        ((ILogLeader)_subscriptions).Reopen(Room);
        handle.Dispose();
        Pass(_subscriptions.Linger + TimeSpan.FromSeconds(1));
        Assert.Null(_gateway.Kept.Find(Room));

        answer.SetResult();

        await Deadline.UntilAsync("the subscribe without keep", () => History.Count(static call => call == "+group/7") == 2);
    }

    // In docs/internals/resume.md: 23. The ring of the lease that was lost would have a hole.
    [Fact]
    public async Task Reset_BetweenTwoLeases_DropsTheRings()
    {
        var handle = await AcquireAsync(keeps: true);
        var (room, all) = (_gateway.Kept.Find(Room)!, _gateway.Kept.Find(Topic.All)!);
        handle.Dispose();

        _subscriptions.Reset();
        Assert.Equal(0, _gateway.Kept.Count);
        await AcquireAsync(keeps: true);

        Assert.NotSame(room, _gateway.Kept.Find(Room));
        Assert.NotEqual(all.Head.Epoch, _gateway.Kept.Find(Topic.All)!.Head.Epoch);
        Assert.Equal(["*all", "*all", "*group/7", "*group/7"], History);
    }

    /// <summary>Tests a gateway that is asked to keep a topic whose last keeper has gone. It has had no connection that speaks direct.2.</summary>
    [Fact]
    public async Task KeepFor_WithoutAConnection_SubscribesWithKeepUntilTheTimeIsOver()
    {
        Assert.True(_gateway.Kept.KeepFor(Room, TimeSpan.FromSeconds(40)));

        await Deadline.UntilAsync("the subscribes", () => History.Count == 2);
        Assert.Equal(["*all", "*group/7"], History);
        var kept = _gateway.Kept.FindFollowed(Room)!;
        await kept.Opened;
        Pass(TimeSpan.FromSeconds(39));
        Assert.Same(kept, _gateway.Kept.Find(Room));
        Pass(TimeSpan.FromSeconds(2));

        await Deadline.UntilAsync("the end", () => History.Contains("-group/7"));
        Assert.Null(_gateway.Kept.Find(Room));
    }

    [Fact]
    public async Task KeepFor_Again_CountsFromThen()
    {
        _gateway.Kept.KeepFor(Room, TimeSpan.FromSeconds(40));
        await Deadline.UntilAsync("the subscribes", () => History.Count == 2);
        Pass(TimeSpan.FromSeconds(30));

        _gateway.Kept.KeepFor(Room, TimeSpan.FromSeconds(40));
        Pass(TimeSpan.FromSeconds(35));

        Assert.NotNull(_gateway.Kept.Find(Room));
        Assert.Equal(["*all", "*group/7"], History);
    }

    [Fact]
    public async Task KeepFor_ZeroTime_EndsWhatTheClusterHasAskedForButNotTheWindow()
    {
        _gateway.Kept.KeepFor(Room, TimeSpan.FromMinutes(2));
        await _gateway.Kept.FindFollowed(Room)!.Opened;
        (await AcquireAsync(keeps: true)).Dispose();
        _gateway.Kept.Hold(Room);
        _gateway.Kept.Release(Room, TimeSpan.FromSeconds(40));

        Assert.True(_gateway.Kept.KeepFor(Room, TimeSpan.Zero));
        Pass(TimeSpan.FromSeconds(38));
        Assert.NotNull(_gateway.Kept.Find(Room));
        Pass(TimeSpan.FromSeconds(4));

        Assert.Null(_gateway.Kept.Find(Room));
    }

    [Fact]
    public async Task KeepFor_ATopicThatIsHeld_KeepsItAfterTheWindow()
    {
        var handle = await AcquireAsync(keeps: true);
        var kept = _gateway.Kept.Hold(Room)!;
        _gateway.Kept.KeepFor(Room, TimeSpan.FromSeconds(60));
        handle.Dispose();
        kept.Release(TimeSpan.FromSeconds(20));

        Pass(TimeSpan.FromSeconds(58));
        Assert.Same(kept, _gateway.Kept.Find(Room));
        Pass(TimeSpan.FromSeconds(4));

        Assert.Null(_gateway.Kept.Find(Room));
    }

    [Fact]
    public void KeepFor_ATopicThatIsNeverKept_IsRefused()
    {
        Assert.False(_gateway.Kept.KeepFor(Topic.User(-1), TimeSpan.FromMinutes(1)));
        Assert.False(_gateway.Kept.KeepFor(Topic.Lobby, TimeSpan.FromMinutes(1)));
        Assert.Equal(0, _gateway.Kept.Count);
    }

    private List<string> History => [.. _gateway.Faulty.History.Order(StringComparer.Ordinal)];

    private async Task<SubscriptionHandle> AcquireAsync(bool keeps) => (await _subscriptions.TryAcquireAsync(Room, keeps))!.Value;

    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
        {
            _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
