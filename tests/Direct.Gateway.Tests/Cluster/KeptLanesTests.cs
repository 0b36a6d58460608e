using System.Collections.Concurrent;
using System.Text;
using Direct.Edge.Diagnostics;
using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

/// <summary>Tests what a gateway asks a lane for of its log, and what it answers about what it keeps.</summary>
public sealed class KeptLanesTests : IAsyncDisposable
{
    private static readonly Topic Room = Topic.Room(5, 7);
    private static readonly Ballot Ballot = new(9, Guid.NewGuid());
    private static readonly EpochMark[] Marks = [new(1, 2, TimeSpan.Zero), new(2, EpochMark.Open, TimeSpan.Zero)];

    private readonly GatewayLeaseFixture _gateway = new();
    private readonly TestMeters _meters = new();
    private readonly GatewayMetrics _metrics;
    private readonly DeadlineWheel _wheel;
    private readonly KeptTopics _topics;
    private readonly NodeHealth _health = new(new NodeGate(), new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
    private readonly KeptLanes _lanes;
    private readonly ClusterBackplane _backplane;

    public KeptLanesTests()
    {
        _metrics = new GatewayMetrics(_meters);
        _wheel = new DeadlineWheel(_gateway.Time);
        var index = new TopicIndex(Options.Create(new TopicOptions()), _gateway.Queues, _metrics, new NodeGate());
        var budget = new KeepBudget(1 << 30, TimeSpan.FromMinutes(2), new FakeMemoryWatch(), _gateway.Time);
        _topics = new KeptTopics(
            index, Options.Create(new KeepOptions { Role = KeepRole.Keeper }), Options.Create(new RightsOptions()), budget, _wheel, _metrics);
        _topics.Connect(new NoLeader(_gateway.Time));
        _topics.HoldAll();
        _lanes = new KeptLanes(_topics, _gateway.Wanted, _gateway.Time, _health);
        _backplane = new ClusterBackplane(
            _gateway.Grains, _gateway.Wanted, _gateway.Lease, _gateway.Promises, Options.Create(_gateway.BackplaneOptions), _gateway.Queues, _gateway.Metrics, _gateway.Time,
            NullLogger<ClusterBackplane>.Instance);
    }

    [Fact]
    public async Task SubscribeKept_Answered_OpensTheTopic()
    {
        var kept = await OpenAsync(Room, "a", "b");

        Assert.Equal(new Stamp(2, 4), kept.Head);
        var (what, topic, gateway, number) = Assert.Single(LaneGrain(Room).Subscriptions);
        Assert.Equal(("keep", Room.ToKey(), _gateway.Lease.Id), (what, topic, gateway));
        Assert.Equal((true, number), _gateway.Wanted.Get(Room.ToKey()));
    }

    [Fact]
    public async Task SubscribeKept_ByALaneThatIsNotReady_Fails()
    {
        await _gateway.StartAndRegisterAsync();
        var kept = (FollowedTopic)_topics.Hold(Room)!;

        await Assert.ThrowsAsync<ClusterNotReadyException>(() => _backplane.SubscribeKeptAsync(kept, CancellationToken.None).AsTask());

        Assert.False(kept.Opened.IsCompleted);
    }

    /// <summary>Tests a lane that has not asked this gateway when it recovered, and has a lower ballot by the clock of its silo. Unless it learns that, the topic could not be kept before a delivery.</summary>
    [Fact]
    public async Task SubscribeKept_AnsweredWithALowerBallot_TellsTheLane()
    {
        await _gateway.StartAndRegisterAsync();
        var higher = new Ballot(Ballot.Number + 1, Guid.NewGuid());
        _gateway.Promises.Enter(Lane.Of(Room.ToKey()), higher).Dispose();
        FetchRequest? fetch = null;
        LaneGrain(Room).Kept = new KeptAnswer(KeptStatus.Kept, Ballot, Marks, 4, 3, [Message(3, "a"), Message(4, "b")], []);
        LaneGrain(Room).OnFetch = request =>
        {
            fetch = request;
            return TailPage.NotReady;
        };
        var kept = (FollowedTopic)_topics.Hold(Room)!;

        await Assert.ThrowsAsync<ClusterNotReadyException>(() => _backplane.SubscribeKeptAsync(kept, CancellationToken.None).AsTask());

        Assert.Equal(higher, fetch?.Ballot);
        Assert.False(kept.Opened.IsCompleted);
    }

    [Fact]
    public async Task SubscribeKept_AtASiloThatDoesNotKnowTheCall_SubscribesWithoutKeep()
    {
        await _gateway.StartAndRegisterAsync();
        var kept = (FollowedTopic)_topics.Hold(Room)!;
        LaneGrain(Room).IsOld = true;

        await _backplane.SubscribeKeptAsync(kept, CancellationToken.None);

        Assert.True(kept.Opened.IsCompleted);
        Assert.Equal(PositionStatus.Unknown, kept.Check(new Stamp(2, 4)));
        Assert.Equal(["keep", "subscribe"], LaneGrain(Room).Subscriptions.Select(call => call.What));
        Assert.Equal((true, LaneGrain(Room).Subscriptions[^1].Number), _gateway.Wanted.Get(Room.ToKey()));
    }

    /// <summary>Tests an answer that has only a part of the headers. With that this gateway might answer a recovery alone, and a repeat of another message would be new.</summary>
    [Fact]
    public async Task SubscribeKept_AnswerHasNotAllHeaders_FetchesTheRest()
    {
        await _gateway.StartAndRegisterAsync();
        var headers = Enumerable.Range(1, 5).Select(static at => new KeptHeader(at, new MessageOrigin(Ballot.Activation, at, Guid.Empty))).ToArray();
        LaneGrain(Room).Kept = new KeptAnswer(KeptStatus.Kept, Ballot, Marks, 5, 6, [], [.. headers[..2]], MoreHeadersAfter: 2);
        var requests = new List<FetchRequest>();
        LaneGrain(Room).OnFetchHeaders = request =>
        {
            requests.Add(request);
            return new HeaderPage(2, [headers[request.After]], request.After < 4 ? request.After + 1 : 0);
        };

        await _backplane.SubscribeKeptAsync((FollowedTopic)_topics.Hold(Room)!, CancellationToken.None);

        Assert.Equal(headers, Assert.Single(Report(Room)).Headers);
        Assert.Equal([2L, 3L, 4L], requests.Select(static request => request.After));
        Assert.All(requests, static request => Assert.Equal((5L, Ballot), (request.Through, request.Ballot)));
    }

    [Fact]
    public async Task SubscribeKept_AnotherLogWhileHeadersAreFetched_Fails()
    {
        await _gateway.StartAndRegisterAsync();
        LaneGrain(Room).Kept = new KeptAnswer(KeptStatus.Kept, Ballot, Marks, 5, 6, [], [], MoreHeadersAfter: 2);
        LaneGrain(Room).OnFetchHeaders = static _ => new HeaderPage(3, [], 0);
        var kept = (FollowedTopic)_topics.Hold(Room)!;

        await Assert.ThrowsAsync<ClusterNotReadyException>(() => _backplane.SubscribeKeptAsync(kept, CancellationToken.None).AsTask());

        Assert.False(kept.Opened.IsCompleted);
    }

    [Fact]
    public async Task Fetch_Answered_ExtendsTheLog()
    {
        var kept = await OpenAsync(Room, "a", "b");
        FetchRequest? asked = null;
        LaneGrain(Room).OnFetch = request =>
        {
            asked = request;
            return new TailPage(TailStatus.Page, Ballot, Marks, 5, 3, [Message(5, "c")], HasMore: false);
        };

        await _backplane.FetchAsync(kept, new LogRange(4), CancellationToken.None);

        Assert.Equal(new FetchRequest(Room.ToKey(), 4, FetchRequest.ToHead, IsNewestFirst: false, Ballot), asked);
        Assert.Equal(new Stamp(2, 5), kept.Head);
    }

    [Fact]
    public async Task Fetch_FromALaneThatIsNotReady_Fails()
    {
        var kept = await OpenAsync(Room, "a");

        await Assert.ThrowsAsync<ClusterNotReadyException>(() => _backplane.FetchAsync(kept, new LogRange(4), CancellationToken.None).AsTask());
    }

    [Fact]
    public async Task Report_OfAKeptTopic_HasItsLogAndWhatIdentifiesItsMessages()
    {
        await OpenAsync(Room, "a", "b");
        _topics.Hold(Topic.Room(5, 8)); // not open

        var report = Assert.Single(Report(Room));

        Assert.Equal((Room.ToKey(), Ballot, 4L, 3L), (report.Topic, report.InstalledUnder, report.Head, report.First));
        Assert.Equal([1L, 2L], report.Marks.Select(mark => mark.Epoch));
        Assert.Equal([3L, 4L], report.Headers.Select(header => header.Offset));
        Assert.Equal(_gateway.Wanted.Get(Room.ToKey()).Number, report.Number);
        Assert.True(_lanes.HasRings(Lane.Of(Topic.Room(5, 8).ToKey())));
        Assert.Empty(Report(Topic.Room(5, 8)));
        Assert.False(_lanes.HasRings(Lane.Of(Topic.Room(5, 9).ToKey())));
    }

    [Fact]
    public async Task Report_OfAPartitionOfUsers_HasPagesInTheOrderOfTheTopics()
    {
        long[] users = [1, 1 + Lane.UserPartitions, 1 + (2 * Lane.UserPartitions)];
        foreach (var user in users.Reverse().Append(2))
        {
            await OpenAsync(Topic.User(user), "a");
        }

        var request = new RecoverRequest(Lane.Of(Topic.User(1).ToKey()), Ballot);
        var first = _lanes.Report(request, maxBytes: 300, out var hasMore);
        var second = _lanes.Report(request with { After = first[^1].Topic }, maxBytes: 300, out var hasMoreAfterwards);

        Assert.Equal(users, first.Concat(second).Select(report => report.Topic.Id));
        Assert.Equal((2, true, false), (first.Length, hasMore, hasMoreAfterwards));
    }

    /// <summary>Tests a topic with more headers than an answer takes. Each is in one of the pages, because what none has would be delivered again when it is repeated.</summary>
    [Fact]
    public async Task Report_OfMoreHeadersThanFit_HasTheRestInFurtherPages()
    {
        await OpenAsync(Room, [.. Enumerable.Range(0, 5).Select(static text => $"{text}")]);
        var request = new RecoverRequest(Lane.Of(Room.ToKey()), Ballot);
        var offsets = new List<long>();
        for (var hasMore = true; hasMore;)
        {
            var report = Assert.Single(_lanes.Report(request, maxBytes: 2 * KeptHeader.Bytes, out hasMore));
            offsets.AddRange(report.Headers.Select(static header => header.Offset));
            request = request with { After = report.Topic, HeadersAfter = report.MoreHeadersAfter };
        }

        Assert.Equal([3L, 4L, 5L, 6L, 7L], offsets);
    }

    /// <summary>Tests that an id continues its age: the next leader must forget it when the gateways do.</summary>
    [Fact]
    public async Task Report_OfIds_HasTheirAges()
    {
        await OpenAsync(Room, "a");
        var kept = LaneGrain(Room).Kept;
        LaneGrain(Room).Kept = kept with { Headers = [new KeptHeader(2, new MessageOrigin(Guid.NewGuid(), 1, Guid.NewGuid()), IdAge: 200)] };
        _topics.FindFollowed(Room)!.OpenWithoutLog(); // so that the next answer begins a log
        await _backplane.SubscribeKeptAsync(_topics.FindFollowed(Room)!, CancellationToken.None);

        _gateway.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal([(2L, 205), (3L, 0)], Assert.Single(Report(Room)).Headers.Select(static header => (header.Offset, header.IdAge)));
    }

    /// <summary>Tests the question of a silo that stops: it needs to know only which messages this gateway has, and does not wait long.</summary>
    [Fact]
    public async Task Report_WithoutHeaders_HasTheRestOfTheTopic()
    {
        await OpenAsync(Room, "1", "2");

        var report = Assert.Single(_lanes.Report(new RecoverRequest(Lane.Of(Room.ToKey()), Ballot) { IsWithoutHeaders = true }, maxBytes: KeptHeader.Bytes, out var hasMore));

        Assert.Equal((4L, 0, 0L, false), (report.Head, report.Headers.Count, report.MoreHeadersAfter, hasMore));
    }

    [Fact]
    public void Report_OfAPartitionOfUsers_EndsWithTheLastTopic()
    {
        var lane = Lane.Of(Topic.User(1).ToKey());
        var topics = new[] { 1, 1 + Lane.UserPartitions }.Select(user => _topics.Hold(Topic.User(user))!).ToArray();

        topics[0].Retire();
        Assert.True(_lanes.HasRings(lane));

        topics[1].Retire();
        Assert.False(_lanes.HasRings(lane));

        _topics.Hold(Topic.User(1));
        Assert.True(_lanes.HasRings(lane));
        Assert.False(_lanes.HasRings(Lane.Of(Topic.User(2).ToKey())));
    }

    [Fact]
    public void Report_OfAPartitionThatDoesNotExist_IsEmpty()
    {
        var lane = new Lane(TopicScope.User, Lane.UserPartitions, 0);

        Assert.Empty(_lanes.Report(new RecoverRequest(lane, Ballot), maxBytes: 1000, out _));
        Assert.False(_lanes.HasRings(lane));
        Assert.Equal(Lane.UserPartitions, KeptUsers.Partitions);
    }

    [Fact]
    public async Task Read_OfAKeptTopic_ReturnsItsMessages()
    {
        await OpenAsync(Room, "a", "b");

        var page = _lanes.Read(new FetchRequest(Room.ToKey(), 3, FetchRequest.ToHead, false, Ballot));

        Assert.Equal((TailStatus.Page, Ballot, 4L), (page.Status, page.Ballot, page.Head));
        Assert.Equal("b", Encoding.UTF8.GetString(Assert.Single(page.Messages).Payload));
        Assert.Equal(TailStatus.Evicted, _lanes.Read(new FetchRequest(Room.ToKey(), 0, FetchRequest.ToHead, false, Ballot)).Status);
        Assert.Equal(TailStatus.NotReady, _lanes.Read(new FetchRequest(Topic.Room(5, 8).ToKey(), 0, FetchRequest.ToHead, false, Ballot)).Status);
    }

    [Fact]
    public async Task Keep_OfAKeptTopic_InstallsTheEpoch()
    {
        var kept = await OpenAsync(Room, "a", "b");
        EpochMark[] marks = [Marks[0], new(2, 4, TimeSpan.Zero), new(3, EpochMark.Open, TimeSpan.Zero)];
        var next = new Ballot(10, Guid.NewGuid());

        Assert.True(_lanes.Keep(new KeepRequest(Room.ToKey(), next, marks, 4)));
        Assert.False(_lanes.Keep(new KeepRequest(Topic.Room(5, 8).ToKey(), next, marks, 4)));

        Assert.Equal(new Stamp(3, 4), kept.Head);
        Assert.Equal(next, Assert.Single(Report(Room)).InstalledUnder);
    }

    [Fact]
    public void Keep_WithATime_KeepsATopicWithoutAConnection()
    {
        _wheel.Start();
        var request = new KeepRequest(Room.ToKey(), Ballot, Marks, 4, TimeSpan.FromMinutes(1));

        Assert.True(_lanes.Keep(request));

        Assert.NotNull(_topics.FindFollowed(Room));
        Assert.True(_lanes.HasRings(Lane.Of(Room.ToKey())));
        Assert.True(_lanes.Keep(request with { KeepFor = TimeSpan.Zero }));
        _gateway.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_topics.FindFollowed(Room));
        Assert.False(_lanes.Keep(request with { KeepFor = null }));
    }

    [Fact]
    public async Task Keep_WithATime_ATopicThatIsKept_InstallsTheEpochToo()
    {
        var kept = await OpenAsync(Room, "a", "b");
        EpochMark[] marks = [Marks[0], new(2, 4, TimeSpan.Zero), new(3, EpochMark.Open, TimeSpan.Zero)];

        Assert.True(_lanes.Keep(new KeepRequest(Room.ToKey(), new Ballot(10, Guid.NewGuid()), marks, 4, TimeSpan.FromMinutes(1))));

        Assert.Equal(new Stamp(3, 4), kept.Head);
    }

    [Fact]
    public void Keep_WithATime_OnAGatewayThatDrains_IsRefused()
    {
        _health.StartDraining();

        Assert.False(_lanes.Keep(new KeepRequest(Room.ToKey(), Ballot, Marks, 4, TimeSpan.FromMinutes(1))));

        Assert.Null(_topics.FindFollowed(Room));
    }

    // A silo that stops asks whether its log is somewhere else.
    [Fact]
    public async Task Report_OfATopicWhoseOlderMessagesAreOnTheirWay_IsNotComplete()
    {
        await _gateway.StartAndRegisterAsync();
        LaneGrain(Room).Kept = new KeptAnswer(KeptStatus.Kept, Ballot, Marks, 4, 1, [Message(3, "a"), Message(4, "b")], []);
        await _backplane.SubscribeKeptAsync((FollowedTopic)_topics.Hold(Room)!, CancellationToken.None);
        Assert.False(Report().IsComplete);
        LaneGrain(Room).OnFetch = static request => new TailPage(TailStatus.Page, Ballot, Marks, 4, 3, [], HasMore: false);

        await _backplane.FetchAsync(_topics.FindFollowed(Room)!, new LogRange(0, 2), CancellationToken.None);

        Assert.True(Report().IsComplete);

        KeptTopicReport Report() => Assert.Single(this.Report(Room));
    }

    [Fact]
    public async Task Stop_OfTheGateway_HandsOverWhatItKeeps()
    {
        var kept = await OpenAsync(Room, "a", "b");
        long[] users = [1, 1 + Lane.UserPartitions];
        foreach (var user in users)
        {
            (await OpenAsync(Topic.User(user), "c")).Release(_topics.Window);
        }

        _topics.Hold(Topic.Room(5, 8)); // not open
        var handedOver = new List<HandOverRequest[]>();
        foreach (var topic in new[] { Room, Topic.User(1) })
        {
            LaneGrain(topic).OnHandOver = (gateway, topics) =>
            {
                Assert.Equal(_gateway.Lease.Id, gateway);
                lock (handedOver)
                {
                    handedOver.Add(topics);
                }

                return Task.FromResult(true);
            };
        }

        await StopAsync();

        Assert.Equal([new HandOverRequest(Room.ToKey(), 3)], handedOver.Single(static topics => topics.Length == 1));
        Assert.Equal(
            users.Select(static user => new HandOverRequest(Topic.User(user).ToKey(), 3)),
            handedOver.Single(static topics => topics.Length == 2).OrderBy(static request => request.Topic.Id));
        Assert.Equal(2, handedOver.Count);
        Assert.Equal(new Stamp(2, 4), kept.Head); // the lane may read it until the end
    }

    [Fact]
    public async Task Stop_WhileALaneIsNotReady_TriesAgain()
    {
        await OpenAsync(Room, "a");
        var tries = 0;
        LaneGrain(Room).OnHandOver = (_, _) => ++tries switch
        {
            1 => Task.FromResult(false),
            2 => Task.FromException<bool>(new TimeoutException("as the test says")),
            _ => Task.FromResult(true),
        };

        await StopAsync();

        Assert.Equal(3, tries);
    }

    // The silo learns of the stop when the lease ends, as from any gateway of its version.
    [Fact]
    public async Task Stop_WithASiloThatDoesNotKnowTheCall_GoesOn()
    {
        await OpenAsync(Room, "a");
        var tries = 0;
        LaneGrain(Room).OnHandOver = (_, _) =>
        {
            tries++;
            return Task.FromException<bool>(new TypeLoadException());
        };

        await StopAsync();

        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task Stop_WhileALaneDoesNotAnswer_EndsAfterAWhile()
    {
        await OpenAsync(Room, "a");
        LaneGrain(Room).OnHandOver = static (_, _) => new TaskCompletionSource<bool>().Task;
        var startedAt = _gateway.Time.GetTimestamp();

        await StopAsync();

        Assert.True(_gateway.Time.GetElapsedTime(startedAt) >= KeptHandover.Longest);
    }

    // Users 1 and 4097 share a lane. It is not ready at first, as after the death of its silo.
    [Fact]
    public async Task ConnectionToASilo_HasEnded_StartsEachLaneAgain()
    {
        await OpenAsync(Room, "a", "b");
        await OpenAsync(Topic.User(1), "c");
        await OpenAsync(Topic.User(1 + Lane.UserPartitions), "d");
        var asked = new ConcurrentQueue<FetchRequest>();
        LaneGrain(Room).OnFetch = request => Answer(request, isReady: true);
        LaneGrain(Topic.User(1)).OnFetch = request => Answer(request, isReady: asked.Count > 2);
        using var restarts = await StartRestartsAsync();

        await EndConnectionAsync();

        await AdvanceUntilAsync(() => asked.Count == 4);
        Assert.Equal(new HashSet<Lane> { Lane.Of(Room.ToKey()), Lane.Of(Topic.User(1).ToKey()) }, asked.Select(static request => Lane.Of(request.Topic)).ToHashSet());
        Assert.All(asked, static request => Assert.Equal((2, 2, Ballot), (request.After, request.Through, request.Ballot)));
        await restarts.StopAsync(CancellationToken.None);

        TailPage Answer(FetchRequest request, bool isReady)
        {
            asked.Enqueue(request);
            return isReady ? new TailPage(TailStatus.Page, Ballot, Marks, 4, 3, [], HasMore: false) : TailPage.NotReady;
        }
    }

    /// <summary>Tests a lane that cannot start for longer than the first tries take, as while the database is away.</summary>
    [Fact]
    public async Task ConnectionToASilo_HasEnded_StartsALaneThatWasNotReadyForLong()
    {
        await OpenAsync(Room, "a");
        var asked = 0;
        LaneGrain(Room).OnFetch = _ => ++asked > 12 ? new TailPage(TailStatus.Page, Ballot, Marks, 3, 3, [], HasMore: false) : TailPage.NotReady;
        using var restarts = await StartRestartsAsync();

        await EndConnectionAsync();

        await AdvanceUntilAsync(() => asked == 13);
        var startedAt = _gateway.Time.GetTimestamp();
        await AdvanceUntilAsync(() => _gateway.Time.GetElapsedTime(startedAt) > 3 * LaneRestarts.Delay);
        Assert.Equal(13, asked);
        await restarts.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task ConnectionToASilo_WhileNoneHasEnded_StartsNothing()
    {
        await OpenAsync(Room, "a");
        var asked = 0;
        LaneGrain(Room).OnFetch = _ =>
        {
            asked++;
            return TailPage.NotReady;
        };
        using var restarts = await StartRestartsAsync();
        var startedAt = _gateway.Time.GetTimestamp();

        await AdvanceUntilAsync(() => _gateway.Time.GetElapsedTime(startedAt) > 3 * LaneRestarts.Delay);

        Assert.Equal(0, asked);
        await restarts.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        _backplane.Dispose();
        _topics.Dispose();
        _wheel.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
        await _gateway.DisposeAsync();
    }

    private KeptTopicReport[] Report(Topic topic) => _lanes.Report(new RecoverRequest(Lane.Of(topic.ToKey()), Ballot), maxBytes: 10_000, out _);

    private KeptLaneCalls Calls => new(_gateway.Grains, NullLogger<KeptLaneCalls>.Instance);

    private Fakes.FakeLaneGrain LaneGrain(Topic topic) => _gateway.Grains.Lane(Lane.Of(topic.ToKey()));

    // The log has two epochs, of which the first ended at 2. The messages follow that.
    private async Task<FollowedTopic> OpenAsync(Topic topic, params string[] texts)
    {
        if (_gateway.Lease.Id is null)
        {
            await _gateway.StartAndRegisterAsync();
        }

        var messages = texts.Select((text, i) => Message(3 + i, text)).ToArray();
        LaneGrain(topic).Kept = new KeptAnswer(KeptStatus.Kept, Ballot, Marks, 2 + texts.Length, 3, messages, [.. messages.Select(message => new KeptHeader(message.Offset, message.Origin))]);
        var kept = (FollowedTopic)_topics.Hold(topic)!;
        await _backplane.SubscribeKeptAsync(kept, CancellationToken.None);
        return kept;
    }

    private async Task StopAsync()
    {
        var handover = new KeptHandover(
            Calls, _topics, _gateway.Lease, Options.Create(_gateway.BackplaneOptions), _gateway.Time, NullLogger<KeptHandover>.Instance);
        var stopping = handover.StopAsync(CancellationToken.None);
        await Deadline.UntilAsync("the topics are handed over", () =>
        {
            _gateway.Time.Advance(stopping.IsCompleted ? TimeSpan.Zero : GatewayLeaseFixture.Step);
            return stopping.IsCompleted;
        });
        await stopping;
    }

    private async Task<LaneRestarts> StartRestartsAsync()
    {
        var restarts = new LaneRestarts(Calls, _topics, _gateway.Lease, _gateway.Connections, _gateway.Promises, _gateway.Time);
        await restarts.StartAsync(CancellationToken.None);
        return restarts;
    }

    private async Task EndConnectionAsync()
    {
        await using var connection = new DefaultConnectionContext();
        await _gateway.Connections.Track(static _ => Task.CompletedTask)(connection);
    }

    private Task AdvanceUntilAsync(Func<bool> isReached) => Deadline.UntilAsync("the time", () =>
    {
        _gateway.Time.Advance(isReached() ? TimeSpan.Zero : GatewayLeaseFixture.Step);
        return isReached();
    });

    private static KeptMessage Message(long offset, string text) =>
        new(offset, new MessageOrigin(Ballot.Activation, offset, Guid.Empty), 0, 0, Encoding.UTF8.GetBytes(text), false);

    private sealed class NoLeader(TimeProvider timeProvider) : ILogLeader
    {
        public TimeProvider TimeProvider => timeProvider;

        public void Follow(Topic topic)
        {
        }

        public void Reopen(Topic topic)
        {
        }

        public Task<bool> TryFetchAsync(FollowedTopic topic, LogRange range) => Task.FromResult(false);
    }
}
