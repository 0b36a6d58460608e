using System.Text;
using Direct.Edge.Backplane;
using Direct.Gateway.Cluster;
using Direct.Gateway.Publishing;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Cluster;

public sealed class LaneDeduplicatorTests
{
    private static readonly TopicKey Room = new(TopicScope.Room, 5, 7);
    private static readonly Guid P = Guid.NewGuid();
    private static readonly Guid Q = Guid.NewGuid();

    private readonly ManualTimeProvider _time = new();
    private readonly FakeSink _sink = new();
    private readonly WantedTopics _wanted = new();
    private readonly LanePromises _promises;
    private readonly LaneDeduplicator _received;

    public LaneDeduplicatorTests()
    {
        _promises = new LanePromises(_time, new FakeKeptLanes());
        _received = new LaneDeduplicator(_sink, _wanted, _promises, _time);
    }

    [Fact]
    public void Deliver_Repeat_ReachesNobodyAndIsAnsweredAsTheFirstTime()
    {
        _sink.Delivery = new Delivery(ReceiptStatus.Delivered, 3);
        _received.Deliver([Batch(P, 0, 1, 2)]);
        _sink.Delivery = new Delivery(ReceiptStatus.Delivered, 8);

        var answers = _received.Deliver([Batch(P, 0, 1, 2, 3)]);

        Assert.Equal(["1", "2", "3"], _sink.Received);
        Assert.Equal([3, 3, 8], answers.Select(answer => answer.Connections));
    }

    [Theory]
    [InlineData(ReceiptStatus.IdReused, DeliveryStatus.IdReused)]
    [InlineData(ReceiptStatus.IdsExhausted, DeliveryStatus.IdsExhausted)]
    public void Deliver_RepeatOfARefusedOne_IsRefusedAgain(ReceiptStatus status, DeliveryStatus expected)
    {
        _sink.Delivery = new Delivery(status, 0);
        _received.Deliver([Batch(P, 0, 1)]);
        _sink.Delivery = new Delivery(ReceiptStatus.Delivered, 1);

        Assert.Equal(expected, Assert.Single(_received.Deliver([Batch(P, 0, 1)])).Status);
    }

    [Fact]
    public void Deliver_IntoAGap_IsLateAndReachesNobody()
    {
        _received.Deliver([Batch(P, 0, 2, 5)]);

        var answers = _received.Deliver([Batch(P, 0, 3, 6)]);

        Assert.Equal(["2", "5", "6"], _sink.Received);
        Assert.Equal([0, 1], answers.Select(answer => answer.Connections));
    }

    /// <summary>
    /// Tests a batch of an activation that was replaced: nobody receives it, and its sequence stays new, because the publisher sends it again through the
    /// next activation.
    /// </summary>
    [Fact]
    public void Deliver_BallotBelowThePromisedOne_IsSupersededAndReachesNobody()
    {
        var (low, high) = (new Ballot(1, Guid.NewGuid()), new Ballot(2, Guid.NewGuid()));
        using (_promises.Enter(Lane.Of(Room), high))
        {
        }

        var superseded = _received.Deliver([Batch(P, 0, 1) with { Ballot = low }]);
        Assert.Equal(DeliveryStatus.Superseded, Assert.Single(superseded).Status);
        Assert.Empty(_sink.Received);

        _received.Deliver([Batch(P, 0, 1) with { Ballot = high }]);
        Assert.Equal(["1"], _sink.Received);
    }

    /// <summary>Tests a batch of an older silo, or of an activation that has not recovered because no gateway keeps topics: it is never refused.</summary>
    [Fact]
    public void Deliver_WithoutBallot_IsDeliveredWhateverIsPromised()
    {
        using (_promises.Enter(Lane.Of(Room), new Ballot(2, Guid.NewGuid())))
        {
        }

        _received.Deliver([Batch(P, 0, 1)]);

        Assert.Equal(["1"], _sink.Received);
    }

    [Fact]
    public void Deliver_OtherPublisher_HasNumbersOfItsOwn()
    {
        _received.Deliver([Batch(P, 0, 5)]);

        _received.Deliver([Batch(Q, 0, 1)]);

        Assert.Equal(["5", "1"], _sink.Received);
    }

    [Fact]
    public void Deliver_OtherLane_HasNumbersOfItsOwn()
    {
        _received.Deliver([Batch(P, 0, 5)]);

        _received.Deliver([Batch(P, new TopicKey(TopicScope.Room, 5, 8), 0, 1)]);

        Assert.Equal(["5", "1"], _sink.Received);
    }

    [Fact]
    public void Deliver_TopicsOfOneLane_ShareItsNumbers()
    {
        var lane = Lane.Of(User(1));
        _received.Deliver([new SignalBatch(P, lane, 0, [Signal(User(1), 1), Signal(User(4097), 2)], 0)]);

        _received.Deliver([new SignalBatch(P, lane, 0, [Signal(User(1), 1), Signal(User(4097), 2), Signal(User(1), 3)], 0)]);

        Assert.Equal(["1", "2", "3"], _sink.Received);
    }

    [Fact]
    public void Deliver_SeveralBatches_AnswersStandInTheirOrder()
    {
        var count = 0;
        _sink.OnDeliver = () => _sink.Delivery = new Delivery(ReceiptStatus.Delivered, ++count);

        var answers = _received.Deliver([Batch(P, 0, 1, 2), Batch(Q, 0, 1), Batch(P, 0, 3)]);

        Assert.Equal([1, 2, 3, 4], answers.Select(answer => answer.Connections));
    }

    [Fact]
    public void Deliver_WantedTopic_SaysSoWithItsNumber()
    {
        var number = _wanted.Want(Room);

        var answer = Assert.Single(_received.Deliver([Batch(P, 0, 1)]));

        Assert.Equal((true, number), (answer.IsWanted, answer.Number));
    }

    [Fact]
    public void Deliver_RepeatAfterTheTopicWasLeft_TellsWhatIsWantedNow()
    {
        _wanted.Want(Room);
        _received.Deliver([Batch(P, 0, 1)]);
        var number = _wanted.Unwant(Room);

        var answer = Assert.Single(_received.Deliver([Batch(P, 0, 1)]));

        Assert.Equal((false, number), (answer.IsWanted, answer.Number));
    }

    [Fact]
    public void Deliver_RepeatOfWhatWasAcknowledged_StillReachesNobody()
    {
        _received.Deliver([Batch(P, 0, 1, 2)]);
        _received.Deliver([Batch(P, acknowledgedThrough: 2, 3)]);

        var answers = _received.Deliver([Batch(P, 0, 1, 2, 3)]);

        Assert.Equal(["1", "2", "3"], _sink.Received);
        Assert.Equal([0, 0, 1], answers.Select(answer => answer.Connections));
    }

    // In docs/internals/resume.md: 14. The first signal is for a user that came here later, and by its sequence it would be dropped.
    [Fact]
    public void Deliver_OnAKeeper_PassesOnARepeatThatHasAPlaceInALog()
    {
        _sink.Follows = true;
        _sink.OnStamped = first => new StampedDelivery(first ?? new Delivery(ReceiptStatus.Delivered, 2), 3, null);
        var lane = Lane.Of(User(1));
        _received.Deliver([Stamped(lane, Signal(User(4097), 11), 1)]);

        var answers = _received.Deliver([Stamped(lane, Signal(User(1), 10), 7), Stamped(lane, Signal(User(4097), 11), 1)]);

        Assert.Equal(["user/4097 11 1 new", "user/1 10 7 repeat", "user/4097 11 1 repeat"], _sink.Received);
        Assert.Equal([3, 5], answers.Select(answer => answer.Connections)); // nobody of the original dialect has the first
    }

    [Fact]
    public void Deliver_OnAKeeper_AnswersARepeatWithoutAPlaceAsTheFirstTime()
    {
        _sink.Follows = true;
        _sink.OnStamped = _ => new StampedDelivery(new Delivery(ReceiptStatus.Delivered, 4), 0, null);
        _received.Deliver([Batch(P, 0, 1)]);

        Assert.Equal(4, Assert.Single(_received.Deliver([Batch(P, 0, 1)])).Connections);

        Assert.Equal(["room/5/7 1 0 new"], _sink.Received);
    }

    [Fact]
    public void Deliver_OnAKeeperRefused_AnswersSoAndRemembersIt()
    {
        _sink.Follows = true;
        _sink.OnStamped = first => new StampedDelivery(first ?? new Delivery(ReceiptStatus.IdsExhausted, 0), 2, null);
        var lane = Lane.Of(Room);
        _received.Deliver([Stamped(lane, Signal(Room, 1), 1)]);

        var answer = Assert.Single(_received.Deliver([Stamped(lane, Signal(Room, 1), 1)]));

        Assert.Equal((DeliveryStatus.IdsExhausted, 0), (answer.Status, answer.Connections));
    }

    [Fact]
    public void Deliver_OnAKeeperThatMissesEarlierMessages_SaysWhenToAskAgain()
    {
        _sink.Follows = true;
        var change = new TaskCompletionSource();
        _sink.OnStamped = _ => new StampedDelivery(default, 0, change.Task);

        _received.Deliver([Stamped(Lane.Of(Room), Signal(Room, 1), 9)], out var visible);
        Assert.False(visible!.IsCompleted);
        change.SetResult();

        Assert.True(visible.IsCompletedSuccessfully);
    }

    [Fact]
    public void Deliver_NodeThrows_IsNotTakenForDelivered()
    {
        _sink.OnDeliver = static () => throw new InvalidOperationException("as the test says");
        Assert.Throws<InvalidOperationException>(() => _received.Deliver([Batch(P, 0, 1)]));
        _sink.OnDeliver = static () => { };

        _received.Deliver([Batch(P, 0, 1)]);

        Assert.Equal(["1"], _sink.Received);
    }

    [Fact]
    public void Sweep_SettledLaneIdleForAMinute_IsForgotten()
    {
        _received.Deliver([Batch(P, 0, 1)]);
        _received.Deliver([Batch(P, new TopicKey(TopicScope.Room, 5, 8), 0, 2) with { SettledThrough = 1 }]);
        _time.Advance(TimeSpan.FromSeconds(61));

        _received.Deliver([Batch(Q, 0, 1)]);

        Assert.Equal(2, _received.Count);
        _received.Deliver([Batch(P, 0, 1)]);
        Assert.Equal(["1", "2", "1", "1"], _sink.Received);
    }

    /// <summary>Tests that a lane is kept for ten minutes, because its publisher may repeat a batch after a silo was away for a long time.</summary>
    [Fact]
    public void Sweep_LaneThatMayBeRepeated_IsKeptForTenMinutes()
    {
        _received.Deliver([Batch(P, 0, 1)]);
        _time.Advance(LaneOutbox.KeepAcceptedFor + TimeSpan.FromSeconds(1));
        _received.Deliver([Batch(Q, 0, 7)]);

        _received.Deliver([Batch(P, 0, 1)]);

        Assert.Equal(["1", "7"], _sink.Received);
    }

    [Fact]
    public void Sweep_PublisherThatIsGone_IsForgottenWithItsLanes()
    {
        _received.Deliver([Batch(P, 0, 1)]);
        _time.Advance(LaneOutbox.KeepAcceptedFor + TimeSpan.FromSeconds(61));

        _received.Deliver([Batch(Q, 0, 1)]);

        Assert.Equal((1, 1), (_received.Count, _received.PublisherCount));
    }

    /// <summary>Tests batches of one publisher that arrive through several silos. An older settled sequence must not replace a newer one.</summary>
    [Fact]
    public void Sweep_OlderWordOfWhatIsSettledComesLater_NewerCounts()
    {
        _received.Deliver([Batch(P, 0, 1) with { SettledThrough = 1 }, Batch(P, new TopicKey(TopicScope.Room, 5, 8), 0, 2) with { SettledThrough = 0 }]);
        _time.Advance(TimeSpan.FromSeconds(61));

        _received.Deliver([Batch(Q, 0, 1)]);

        Assert.Equal(2, _received.Count);
    }

    [Fact]
    public void Sweep_LaneUsedWithinAMinute_IsKept()
    {
        _received.Deliver([Batch(P, 0, 1)]);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            _received.Deliver([Batch(P, 0, 1)]);
        }

        Assert.Equal(["1"], _sink.Received);
    }

    /// <summary>Tests concurrent delivery of the same batch. Two silos may do that when one of them has already been declared dead.</summary>
    [Fact]
    public async Task Deliver_FromManyThreads_EachSignalOnce()
    {
        var batches = Enumerable.Range(0, 200).Select(i => Batch(P, 0, (2 * i) + 1, (2 * i) + 2)).ToArray();

        var silos = Enumerable.Range(0, 4).Select(_ => Task.Run(() => Array.ForEach(batches, batch => _received.Deliver([batch]))));
        await Task.WhenAll(silos);

        Assert.Equal(Enumerable.Range(1, 400).Select(i => $"{i}"), _sink.Received);
    }

    /// <summary>Tests deliveries during sweeps. A caller that finds a lane just swept must use a new one.</summary>
    [Fact]
    public async Task Sweep_WhileDelivering_LosesNothing()
    {
        var publishers = Enumerable.Range(0, 4).Select(_ => Guid.NewGuid()).ToArray();

        var deliveries = publishers.Select(publisher => Task.Run(() =>
        {
            for (var i = 1; i <= 500; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(20));
                _received.Deliver([Batch(publisher, 0, i)]);
            }
        }));
        await Task.WhenAll(deliveries);

        Assert.Equal(2000, _sink.Received.Count);
    }

    private static TopicKey User(long id) => new(TopicScope.User, id, 0);

    private static SignalEnvelope Signal(TopicKey topic, long sequence) => new(topic, 0, 0, 0, sequence, Encoding.UTF8.GetBytes($"{sequence}"), null);

    private static SignalBatch Stamped(Lane lane, SignalEnvelope signal, long offset) => new(P, lane, 0, [signal], 0, Stamps: [new LogPosition(1, offset)]);

    private static SignalBatch Batch(Guid publisher, long acknowledgedThrough, params long[] sequences) =>
        Batch(publisher, Room, acknowledgedThrough, sequences);

    private static SignalBatch Batch(Guid publisher, TopicKey topic, long acknowledgedThrough, params long[] sequences) =>
        new(publisher, Lane.Of(topic), acknowledgedThrough, [.. sequences.Select(sequence => Signal(topic, sequence))], 0);
}
