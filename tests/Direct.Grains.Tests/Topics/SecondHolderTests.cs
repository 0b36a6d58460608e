using Direct.Grains.Gateways;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Tests which gateway is asked to keep a topic that no other keeps, and when.</summary>
public sealed class SecondHolderTests : IDisposable
{
    private static readonly Ballot Ballot = new(3, Guid.NewGuid());
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly TestMeters _meters = new();
    private readonly FakeLink[] _links = [.. "abcd".Select(static name => new FakeLink($"{name}") { Keeps = true })];
    private readonly FakeLiveGateways _gateways;
    private readonly GrainMetrics _metrics;
    private readonly LaneLogs _logs;
    private readonly List<(FakeLink Gateway, KeepRequest Request)> _asked = [];

    public SecondHolderTests()
    {
        _gateways = new FakeLiveGateways(_links);
        _metrics = new GrainMetrics(_meters);
        _logs = TestLogs.Create(_metrics, _gateways, _time);
        foreach (var link in _links)
        {
            link.OnKeep = requests =>
            {
                _asked.AddRange(requests.Select(request => (link, request)));
                return Task.FromResult(true);
            };
        }
    }

    private FakeLink A => _links[0];

    public void Dispose()
    {
        _logs.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    /// <summary>Row 21: the last keeper's lease ends while its client is on its way. Without a second holder only the silo would have the log.</summary>
    [Fact]
    public void Lease_OfTheLastKeeperEnds_AnotherGatewayIsAskedAfterAWhileForTheRestOfTheWindow()
    {
        var lane = LaneKeptBy(A);
        lane.Accept(One(1), Guid.Empty, out _);
        End(A);

        Pass(LaneHolders.AskAfter);
        Assert.Empty(_asked);
        Pass(Second);

        var (gateway, request) = Assert.Single(_asked);
        Assert.NotEqual(A, gateway);
        Assert.Equal((Room, Ballot, 1L), (request.Topic, request.Ballot, request.Head));
        Assert.InRange(request.KeepFor!.Value, TestLogs.Window - (10 * Second), TestLogs.Window - LaneHolders.AskAfter);
        Assert.Equal(1, _meters.Sum("direct.silo.holders.asked"));
        Assert.Equal(1, _meters.Read("direct.silo.kept.alone"));
    }

    [Fact]
    public void SecondHolder_ThatKeepsTheTopic_GetsItsMessagesAndIsNotAskedAgain()
    {
        var lane = LaneKeptBy(A);
        End(A);
        var holder = PassUntilAsked();
        Keep(lane, holder);

        lane.Accept(One(1), Guid.Empty, out _);
        Pass(TimeSpan.FromSeconds(100));

        Assert.Equal(1, Assert.Single(Assert.Single(holder.Sent).Stamps!).Offset);
        Assert.Single(_asked);
        Assert.Equal(0, _meters.Read("direct.silo.kept.alone"));
    }

    [Fact]
    public void SecondHolder_ThatDies_IsReplacedAtOnce()
    {
        var lane = LaneKeptBy(A);
        End(A);
        var first = PassUntilAsked();
        Keep(lane, first);
        Pass(5 * Second);

        End(first);
        Pass(Second);

        Assert.Equal(2, _asked.Count);
        Assert.DoesNotContain(_asked[1].Gateway, new[] { A, first });
    }

    /// <summary>A gateway may refuse, because it has no space, or is too old to keep a topic without a connection.</summary>
    [Fact]
    public void SecondHolder_ThatDoesNotKeepTheTopic_IsFollowedByTheNextChoice()
    {
        LaneKeptBy(A);
        End(A);

        Pass(TimeSpan.FromSeconds(110));

        Assert.Equal(3, _asked.Take(3).Select(static asked => asked.Gateway).Distinct().Count());
        Assert.InRange(_asked.Count, 4, 7); // less and less often
    }

    [Fact]
    public void SecondHolder_WhenAnotherGatewayKeepsTheTopic_LetsItGoAfterTheLogIsCopied()
    {
        var lane = LaneKeptBy(A);
        End(A);
        var holder = PassUntilAsked();
        Keep(lane, holder);
        var other = _links.First(link => link != A && link != holder);
        Pass(2 * Second);

        Keep(lane, other);
        Pass(LaneHolders.LetGoAfter);
        Assert.Single(_asked);
        Pass(2 * Second);

        Assert.Equal((holder, TimeSpan.Zero), (_asked[^1].Gateway, _asked[^1].Request.KeepFor));
        Assert.Equal(2, _asked.Count);
        lane.Unsubscribe(Room, holder.Id, 9);
        End(other);
        Pass(LaneHolders.AskAfter + (2 * Second));
        Assert.Equal(3, _asked.Count); // for the clients of the other one
    }

    [Fact]
    public void Client_ThatComesBackElsewhereSoon_MakesASecondHolderUnnecessary()
    {
        var lane = LaneKeptBy(A);
        End(A);
        Pass(2 * Second);

        Keep(lane, _links[1]);
        Pass(TimeSpan.FromMinutes(1));

        Assert.Empty(_asked);
    }

    /// <summary>The client of a that was killed may still come, also if b has unsubscribed since. Nobody who has been on its way comes then, so there is nothing to wait for.</summary>
    [Fact]
    public void Lease_OfAnEarlierKeeperHasEnded_TheLastOneUnsubscribes_AnotherGatewayIsAskedAtOnce()
    {
        var lane = LaneKeptBy(A);
        Keep(lane, _links[1]);
        End(A);
        Pass(2 * Second);

        lane.Unsubscribe(Room, _links[1].Id, 9);
        Pass(Second);

        Assert.NotEqual(A, Assert.Single(_asked).Gateway);
    }

    [Fact]
    public void Unsubscription_OfTheLastKeeper_EndsTheLogWithoutASecondHolder()
    {
        var lane = LaneKeptBy(A);
        lane.Unsubscribe(Room, A.Id, 9);

        Pass(LaneHolders.AskAfter + (2 * Second));
        lane.Sweep();

        Assert.Empty(_asked);
        Assert.False(lane.HasRecords);
    }

    [Fact]
    public void Window_ThatIsOver_EndsTheLog()
    {
        var lane = LaneKeptBy(A);
        End(A);
        var holder = PassUntilAsked();
        Keep(lane, holder);

        Pass(_asked[0].Request.KeepFor!.Value);
        lane.Unsubscribe(Room, holder.Id, 9); // as the gateway does then
        Pass(LaneRouter.KeepUnwantedFor + (2 * Second));
        lane.Sweep();

        Assert.False(lane.HasRecords);
        Assert.Single(_asked);
    }

    /// <summary>The keepers that a new activation has found may leave before it has looked at them.</summary>
    [Fact]
    public void Restore_OfATopicWhoseKeeperHasLeft_AsksAnotherGateway()
    {
        var lane = NewLane();
        lane.Restore(new RecoveredLane(Ballot, [new RecoveredTopic(Room, Keeping.EpochTable.Empty.Open(6), 7, [], [], [(Guid.NewGuid(), 4)], First: 8)]));

        PassUntilAsked();

        Assert.Equal(7, Assert.Single(_asked).Request.Head);
    }

    [Fact]
    public void Calls_ToOneGateway_AreLimitedAndTheRestFollows()
    {
        _gateways.All.RemoveRange(2, 2);
        var lane = NewLaneKeptByNobody();
        for (var i = 0; i <= KeepRequest.MaxTopics; i++)
        {
            lane.SubscribeKept(User(1 + (i * Lane.UserPartitions)), A.Id, 1);
        }

        End(A);
        PassUntilAsked();
        Assert.Equal(KeepRequest.MaxTopics, _asked.Count);

        Pass(Second);
        Assert.Equal(KeepRequest.MaxTopics + 1, _asked.Select(static asked => asked.Request.Topic).Distinct().Count());
    }

    [Fact]
    public void Calls_ThatAreNotAnswered_AreNotFollowedByOthers()
    {
        var calls = 0;
        Array.ForEach(_links, link => link.OnKeep = _ =>
        {
            calls++;
            return new TaskCompletionSource<bool>().Task;
        });
        LaneKeptBy(A);
        End(A);

        Pass(TimeSpan.FromSeconds(60));

        Assert.Equal(1, calls);
    }

    [Fact]
    public void Candidates_AreGatewaysThatCanKeepAndAnswer()
    {
        (_links[1].Keeps, _links[2].IsUnresponsive) = (false, true);
        LaneKeptBy(A);
        End(A);

        Assert.Equal(_links[3], PassUntilAsked());
    }

    [Fact]
    public void Silo_ThatIsFenced_AsksNobody()
    {
        LaneKeptBy(A);
        End(A);
        _gateways.IsFenced = true;

        Pass(TimeSpan.FromSeconds(20));

        Assert.Empty(_asked);
    }

    [Fact]
    public void Lane_ThatHasEnded_AsksNobody()
    {
        var lane = LaneKeptBy(A);
        End(A);
        lane.Close();

        Pass(TimeSpan.FromSeconds(20));

        Assert.Empty(_asked);
    }

    [Fact]
    public void Choice_OfManyTopics_IsSpreadAndStaysWhenAnotherGatewayLeaves()
    {
        var before = new HolderCalls(_gateways.Links, static _ => false);
        End(A);
        var after = new HolderCalls(_gateways.Links, static _ => false);
        var topics = Enumerable.Range(1, 1000).Select(static i => new TopicKey(TopicScope.Room, i, 1)).ToArray();

        Assert.All(_links, link => Assert.InRange(topics.Count(topic => before.Choose(topic, 0) == link), 200, 300));
        Assert.All(topics, topic => Assert.True(before.Choose(topic, 0) == A || before.Choose(topic, 0) == after.Choose(topic, 0)));
    }

    /// <summary>The gateway says that it stops. Until it has left it gets every message: a recovery may ask it for its ring.</summary>
    [Fact]
    public void HandOver_ByTheLastKeeper_AsksAnotherGatewayAtOnceAndKeepsTheFirst()
    {
        var lane = LaneKeptBy(A);

        Assert.True(lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));
        Pass(Second);

        var (gateway, request) = Assert.Single(_asked);
        Assert.NotEqual(A, gateway);
        Assert.Equal(TestLogs.Window, request.KeepFor);
        lane.Accept(One(1), Guid.Empty, out _);
        Assert.Single(A.Sent);
        Keep(lane, gateway);
        Pass(2 * Second);
        End(A);
        Pass(TimeSpan.FromMinutes(1));
        Assert.Single(_asked);
        Assert.True(lane.HasRecords);
    }

    /// <summary>A gateway leaves as soon as the lanes have answered, so mostly before the next look.</summary>
    [Fact]
    public void HandOver_ByTheLastKeeperThatLeavesAtOnce_AsksAnotherGatewayAtOnce()
    {
        var lane = LaneKeptBy(A);
        Pass(2 * Second);

        Assert.True(lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));
        End(A);
        Pass(Second);

        Assert.NotEqual(A, Assert.Single(_asked).Gateway);
    }

    [Fact]
    public void HandOver_ByAGateway_AnotherIsAskedForItsTopicsOfOtherLanesToo()
    {
        LaneKeptBy(A);
        Pass(2 * Second);

        NewLaneKeptByNobody().TryHandOver(A.Id, [new HandOverRequest(Room, 1)]);
        Pass(TimeSpan.FromSeconds(100));

        Assert.True(_asked.Count > 3);
        Assert.DoesNotContain(A, _asked.Select(static asked => asked.Gateway));
    }

    [Fact]
    public void HandOver_ByOneOfTwoKeepers_AsksNobody()
    {
        var lane = LaneKeptBy(A);
        Keep(lane, _links[1]);

        Assert.True(lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));
        Pass(TimeSpan.FromSeconds(20));

        Assert.Empty(_asked);
        End(A);
        Pass(Second);
        lane.Unsubscribe(Room, _links[1].Id, 9);
        Assert.NotNull(PassUntilAsked()); // clients of the first one may still come back
    }

    [Fact]
    public void HandOver_BySecondHolder_IsReplacedAtOnce()
    {
        var lane = LaneKeptBy(A);
        End(A);
        var holder = PassUntilAsked();
        Keep(lane, holder);
        Pass(2 * Second);

        lane.TryHandOver(holder.Id, [new HandOverRequest(Room, 1)]);
        Pass(Second);

        Assert.Equal(2, _asked.Count);
        Assert.NotEqual(holder, _asked[1].Gateway);
    }

    [Fact]
    public void HandOver_ToALaneThatHasEndedOrIsFenced_IsNotReady()
    {
        var lane = LaneKeptBy(A);
        _gateways.IsFenced = true;
        Assert.False(lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));
        _gateways.IsFenced = false;
        lane.Close();

        Assert.False(lane.TryHandOver(A.Id, [new HandOverRequest(Room, 1)]));
    }

    private LaneRouter NewLaneKeptByNobody()
    {
        var lane = NewLane();
        lane.Restore(new RecoveredLane(Ballot, []));
        return lane;
    }

    private LaneRouter NewLane() => new(_gateways, new FakeMemoryWatch(), _metrics, _logs, _time);

    private LaneRouter LaneKeptBy(FakeLink gateway)
    {
        var lane = NewLaneKeptByNobody();
        Keep(lane, gateway);
        return lane;
    }

    private static void Keep(LaneRouter lane, FakeLink gateway)
    {
        gateway.Want(Room, 1);
        Assert.Equal(KeptStatus.Kept, lane.SubscribeKept(Room, gateway.Id, 1).Status);
    }

    private void End(FakeLink gateway) => _gateways.All.Remove(gateway);

    private void Pass(TimeSpan time) => _time.Advance(time);

    private FakeLink PassUntilAsked()
    {
        for (var i = 0; i < 20 && _asked.Count == 0; i++)
        {
            Pass(Second);
        }

        return _asked[0].Gateway;
    }
}
