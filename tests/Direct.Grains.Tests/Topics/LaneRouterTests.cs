using Direct.Grains.Topics;
using Direct.Memory;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class LaneRouterTests
{
    private readonly LaneRouterFixture _lane = new();

    /// <summary>Tests a publish to a new lane under high memory pressure. The grain of a quiet room has ended, and signals must still reach the room.</summary>
    [Fact]
    public async Task Publish_NewLaneUnderHighPressure_IsAccepted()
    {
        _lane.Memory.Pressure = MemoryPressure.High;

        Assert.Equal(PublishStatus.Accepted, (await _lane.PublishAsync(One(1))).Status);
    }

    [Fact]
    public async Task Publish_NewLaneUnderCriticalPressure_IsNotReadyAndRemembersNothing()
    {
        _lane.Memory.Pressure = MemoryPressure.Critical;

        Assert.Equal(PublishStatus.NotReady, (await _lane.PublishAsync(One(1))).Status);
        Assert.True(_lane.Router.IsEmpty);
        Assert.Equal(1, _lane.Meters.Sum("direct.silo.batches.refused", "reason=memory"));
    }

    [Fact]
    public async Task Publish_KnownLaneUnderCriticalPressure_IsAccepted()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);
        _lane.Memory.Pressure = MemoryPressure.Critical;

        Assert.Equal(PublishStatus.Accepted, (await _lane.PublishAsync(One(1))).Status);
    }

    /// <summary>Tests that publishes are refused while too many bytes wait for gateways. Gateways repeat a refused batch, so it waits in the gateway instead.</summary>
    [Fact]
    public async Task Publish_TooMuchWaitsForGateways_IsNotReadyInKnownLanesToo()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);
        _lane.Gateways.IsFull = true;

        Assert.Equal(PublishStatus.NotReady, (await _lane.PublishAsync(One(1))).Status);
        Assert.Equal(1, _lane.Meters.Sum("direct.silo.batches.refused", "reason=memory"));
        _lane.Gateways.IsFull = false;
        Assert.Equal(PublishStatus.Accepted, (await _lane.PublishAsync(One(1))).Status);
    }

    [Fact]
    public async Task Publish_AllHaveAnswered_GoesOnlyToThoseThatWantIt()
    {
        _lane.B.Want(Room, 3);
        await _lane.CompleteAsync(Room);

        await _lane.PublishAsync(One(2));

        Assert.Equal([1], _lane.A.Sequences);
        Assert.Equal([1, 2], _lane.B.Sequences);
        Assert.Equal([1], _lane.C.Sequences);
    }

    [Fact]
    public async Task Publish_OneHasNotAnswered_StillGoesToEveryone()
    {
        _lane.C.AnswersAtOnce = false;
        _lane.C.IsSlow = true;
        await _lane.PublishAsync(One(1));

        await _lane.PublishAsync(One(2));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1, 2], gateway.Sequences));
    }

    [Fact]
    public async Task Publish_LastAnswerComesLate_CompletesTheTopicThen()
    {
        (_lane.C.AnswersAtOnce, _lane.C.IsSlow) = (false, true);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        _lane.C.Answer();
        await _lane.CollectAsync(batch);

        await _lane.PublishAsync(One(2));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1], gateway.Sequences));
    }

    /// <summary>Tests that a publish reports its pending gateways as unresponsive only when all of them hang. A slow gateway is still waited for.</summary>
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    public async Task Publish_SomeDoNotAnswer_TellsWhetherAllOfThemHang(bool isBUnresponsive, bool isCUnresponsive, bool expected)
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow, _lane.C.AnswersAtOnce, _lane.C.IsSlow) = (false, true, false, true);
        (_lane.B.IsUnresponsive, _lane.C.IsUnresponsive) = (isBUnresponsive, isCUnresponsive);

        var answer = await _lane.PublishAsync(One(1));

        Assert.Equal((PublishStatus.Accepted, 2, expected), (answer.Status, answer.Pending.Length, answer.IsUnresponsive));
    }

    [Fact]
    public async Task Publish_AnotherTopicOfTheLane_IsAskedAboutOnItsOwn()
    {
        await _lane.CompleteAsync(User(4096));

        await _lane.PublishAsync(Of(Signal(User(8192), 2)));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1, 2], gateway.Sequences));
    }

    // What a stopping silo still placed was acknowledged to nobody, and its publishers waited until a call had timed out.
    [Fact]
    public async Task Publish_SiloStops_IsRefused()
    {
        _lane.Gateways.IsStopping = true;

        var answer = await _lane.PublishAsync(One(1));

        Assert.Equal(PublishStatus.NotReady, answer.Status);
        Assert.All(_lane.Gateways.All, static gateway => Assert.Empty(gateway.Sequences));
    }

    [Fact]
    public async Task Publish_GatewayIsGoneBeforeItAnswers_CompletesWithoutIt()
    {
        (_lane.C.AnswersAtOnce, _lane.C.IsSlow) = (false, true);
        _lane.A.Connections = 2;
        var batch = One(1);
        await _lane.PublishAsync(batch);
        _lane.C.Close();

        var answer = await _lane.CollectAsync(batch);

        Assert.Equal((PublishStatus.Accepted, new SignalReceipt(DeliveryStatus.Delivered, 2, 1)), (answer.Status, Assert.Single(answer.Receipts)));
        Assert.Empty(answer.Pending);
    }

    /// <summary>
    /// Tests a link that closes during a publish. It responds inside the loop that counts the expected responses. If this counted as the last
    /// response, the topic would be complete before the other gateways have reported, and later signals would not reach them.
    /// </summary>
    [Fact]
    public async Task Publish_FirstGatewayIsGoneWhileAccepting_WaitsForTheOthers()
    {
        _lane.A.IsClosed = true;
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow, _lane.C.AnswersAtOnce, _lane.C.IsSlow) = (false, true, false, true);
        _lane.B.Want(Room, 1);
        await _lane.PublishAsync(One(1));

        await _lane.PublishAsync(One(2));

        Assert.Equal([1, 2], _lane.B.Sequences);
    }

    [Fact]
    public async Task Publish_NoGatewayLives_IsAcceptedAndAcknowledged()
    {
        _lane.Gateways.All.Clear();

        var answer = await _lane.PublishAsync(One(1));

        Assert.Equal((PublishStatus.Accepted, default(SignalReceipt)), (answer.Status, Assert.Single(answer.Receipts)));
        Assert.Empty(answer.Pending);
    }

    [Theory]
    [InlineData(TopicScope.All)]
    [InlineData(TopicScope.Lobby)]
    public async Task Publish_ToEveryone_GoesToEveryGatewayEveryTime(TopicScope scope)
    {
        var topic = new TopicKey(scope, 0, 0);
        await _lane.PublishAsync(Of(Signal(topic, 1)));

        await _lane.PublishAsync(Of(Signal(topic, 2)));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1, 2], gateway.Sequences));
        Assert.Equal(0, _lane.Router.TopicCount);
    }

    [Fact]
    public async Task Publish_SignalWithAnId_GoesToEveryGateway()
    {
        await _lane.CompleteAsync(Room);

        await _lane.PublishAsync(Of(Signal(Room, 2, id: "x")));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1, 2], gateway.Sequences));
    }

    [Fact]
    public async Task Publish_BatchOfSeveralTopics_EachGatewayGetsItsShareInOrder()
    {
        await _lane.SubscribeAsync(User(1), _lane.A, 1);
        _lane.A.Want(User(1), 1);
        _lane.B.Want(User(4097), 1);
        await _lane.CompleteAsync(User(1));
        await _lane.CompleteAsync(User(4097));

        await _lane.PublishAsync(Of(Signal(User(1), 2), Signal(User(4097), 3), Signal(User(1), 4), Signal(User(4097), 5)));

        Assert.Equal([2, 4], _lane.A.Sequences.Where(sequence => sequence > 1));
        Assert.Equal([3, 5], _lane.B.Sequences.Where(sequence => sequence > 1));
    }

    [Theory]
    [InlineData(DeliveryStatus.Delivered, DeliveryStatus.IdReused, DeliveryStatus.IdReused)]
    [InlineData(DeliveryStatus.IdReused, DeliveryStatus.Delivered, DeliveryStatus.IdReused)]
    [InlineData(DeliveryStatus.Delivered, DeliveryStatus.IdsExhausted, DeliveryStatus.IdsExhausted)]
    [InlineData(DeliveryStatus.IdsExhausted, DeliveryStatus.IdReused, DeliveryStatus.IdReused)]
    [InlineData(DeliveryStatus.IdReused, DeliveryStatus.IdsExhausted, DeliveryStatus.IdReused)]
    public async Task Publish_GatewaysDisagree_ReceiptHasTheWorst(DeliveryStatus first, DeliveryStatus second, DeliveryStatus expected)
    {
        (_lane.A.Status, _lane.B.Status) = (first, second);

        var answer = await _lane.PublishAsync(Of(Signal(Room, 1, id: "x")));

        Assert.Equal(expected, Assert.Single(answer.Receipts).Status);
    }

    [Theory]
    [InlineData(DeliveryStatus.IdReused)]
    [InlineData(DeliveryStatus.IdsExhausted)]
    public async Task Publish_OneGatewayRefusesTheId_ReceiptCountsThoseThatTookIt(DeliveryStatus status)
    {
        (_lane.A.Status, _lane.B.Connections, _lane.C.Connections) = (status, 2, 3);

        var answer = await _lane.PublishAsync(Of(Signal(Room, 1, id: "x")));

        Assert.Equal(new SignalReceipt(status, 5, 2), Assert.Single(answer.Receipts));
    }

    /// <summary>
    /// Tests the repeat of a signal after its gateway unsubscribed. A gateway delivers the signal, the activation ends before it responds, and the
    /// last member leaves. The new activation completes the topic with another signal. The repeat must still go to every gateway that may have
    /// delivered it.
    /// </summary>
    [Fact]
    public async Task Publish_RepeatAfterAGatewayUnsubscribed_CountsWhatItDeliveredTheFirstTime()
    {
        await _lane.CompleteAsync(Room);
        _lane.A.Connections = 2;

        var answer = await _lane.PublishAsync(One(2) with { IsRepeat = true });

        Assert.Equal(new SignalReceipt(DeliveryStatus.Delivered, 2, 1), Assert.Single(answer.Receipts));
        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1, 2], gateway.Sequences));
    }

    [Fact]
    public async Task Publish_OneAfterAnother_StandInTheSameOrderInEveryLink()
    {
        _lane.Gateways.All.ForEach(gateway => (gateway.AnswersAtOnce, gateway.IsSlow) = (false, true));
        var expected = Enumerable.Range(1, 50).Select(i => (long)i);

        await Task.WhenAll(expected.Select(sequence => _lane.PublishAsync(One(sequence))));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal(_lane.A.Sequences, gateway.Sequences));
        Assert.Equal(expected, _lane.A.Sequences.Order());
    }
}
