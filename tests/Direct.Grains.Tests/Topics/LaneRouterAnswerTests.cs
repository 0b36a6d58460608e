using Direct.Grains.Topics;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Tests when and how a publish is answered: fences, epochs, the wait for receipts, and late receipts.</summary>
public sealed class LaneRouterAnswerTests
{
    private readonly LaneRouterFixture _lane = new();

    [Fact]
    public async Task Publish_FencedSilo_AcceptsNothing()
    {
        _lane.Gateways.IsFenced = true;

        var answer = await _lane.PublishAsync(One(1));

        Assert.Equal(PublishStatus.NotReady, answer.Status);
        Assert.All(_lane.Gateways.All, gateway => Assert.Empty(gateway.Sent));
    }

    [Fact]
    public async Task Publish_FencedWhileWaitingForReceipts_SaysNotReady()
    {
        _lane.B.AnswersAtOnce = false;
        var publishing = _lane.StartPublish(One(1));
        await _lane.AdvanceAsync(TimeSpan.Zero);
        _lane.Gateways.IsFenced = true;
        _lane.B.Answer();

        var answer = await LaneRouterFixture.EndAsync(publishing, "the answer");

        Assert.Equal(PublishStatus.NotReady, answer.Status);
    }

    [Fact]
    public async Task Collect_FencedSilo_SaysNotReady()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        _lane.B.Answer();
        _lane.Gateways.IsFenced = true;

        var answer = await _lane.CollectAsync(batch);

        Assert.Equal(PublishStatus.NotReady, answer.Status);
    }

    [Fact]
    public async Task Subscribe_FencedSilo_IsRefused()
    {
        _lane.Gateways.IsFenced = true;

        var isAccepted = await _lane.SubscribeAsync(Room, _lane.A, 1);

        Assert.False(isAccepted);
        Assert.Equal(0, _lane.Router.TopicCount);
    }

    [Fact]
    public async Task Publish_EpochOfAnotherActivation_AcceptsNothing()
    {
        var answer = await _lane.PublishAsync(One(1), Guid.NewGuid());

        Assert.Equal(PublishStatus.OtherEpoch, answer.Status);
        Assert.All(_lane.Gateways.All, gateway => Assert.Empty(gateway.Sent));
    }

    [Fact]
    public async Task Publish_NewActivation_HasAnEpochOfItsOwn()
    {
        var first = await _lane.PublishAsync(One(1));

        var second = await new LaneRouterFixture().PublishAsync(One(1));

        Assert.NotEqual(Guid.Empty, first.Epoch);
        Assert.NotEqual(first.Epoch, second.Epoch);
    }

    [Fact]
    public async Task Publish_SlowGateway_AnswersAfterItsPatienceAndNamesIt()
    {
        _lane.B.AnswersAtOnce = false;
        _lane.A.Connections = 1;
        var publishing = _lane.StartPublish(One(1));
        await _lane.AdvanceAsync(LaneRouter.Patience - TimeSpan.FromTicks(1));
        Assert.False(publishing.IsCompleted);

        _lane.Time.Advance(TimeSpan.FromTicks(1));
        var answer = await LaneRouterFixture.EndAsync(publishing, "the answer past its patience");

        Assert.Equal((PublishStatus.Accepted, new SignalReceipt(DeliveryStatus.Delivered, 1, 1)), (answer.Status, Assert.Single(answer.Receipts)));
        Assert.Equal(["b"], answer.Pending);
    }

    [Fact]
    public async Task Publish_AnswersComeInTime_WaitsForThem()
    {
        (_lane.B.AnswersAtOnce, _lane.B.Connections) = (false, 4);
        var publishing = _lane.StartPublish(One(1));
        await _lane.AdvanceAsync(LaneRouter.Patience / 2);
        _lane.B.Answer();

        var answer = await LaneRouterFixture.EndAsync(publishing, "the answer");

        Assert.Equal(4, Assert.Single(answer.Receipts).Delivered);
        Assert.Empty(answer.Pending);
    }

    [Fact]
    public async Task Publish_OnlyStuckGatewaysPending_DoesNotWait()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);

        var answer = await _lane.PublishAsync(One(1));

        Assert.Equal(["b"], answer.Pending);
    }

    [Fact]
    public async Task Collect_AnswerIsMissing_AnswersAfterASecondWithWhatIsKnown()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        var collecting = _lane.StartCollect(batch);
        await _lane.AdvanceAsync(TimeSpan.FromMilliseconds(999));
        Assert.False(collecting.IsCompleted);

        _lane.Time.Advance(TimeSpan.FromMilliseconds(1));
        var answer = await LaneRouterFixture.EndAsync(collecting, "what is known after a second");

        Assert.Equal((PublishStatus.Accepted, "b"), (answer.Status, Assert.Single(answer.Pending)));
    }

    [Fact]
    public async Task Collect_LastAnswerComes_AnswersAtOnce()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow, _lane.B.Connections) = (false, true, 3);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        var collecting = _lane.StartCollect(batch);
        await _lane.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        _lane.B.Answer();

        var answer = await LaneRouterFixture.EndAsync(collecting, "the last answer");

        Assert.Equal(3, Assert.Single(answer.Receipts).Delivered);
        Assert.Empty(answer.Pending);
    }

    [Fact]
    public async Task Collect_OtherBatchOfTheSamePublisher_IsKeptApart()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        var (first, second) = (One(1), One(2));
        await _lane.PublishAsync(first);
        await _lane.PublishAsync(second);
        _lane.B.Answer();

        var answer = await _lane.CollectAsync(first);

        Assert.Empty(answer.Pending);
        Assert.False(_lane.StartCollect(second).IsCompleted);
    }

    [Fact]
    public async Task Sweep_ReceiptsThatNobodyCollects_AreForgottenAfterAMinute()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        _lane.Time.Advance(TimeSpan.FromSeconds(61));

        await _lane.SweepAsync();

        Assert.Equal(PublishStatus.OtherEpoch, (await _lane.CollectAsync(batch)).Status);
    }

    /// <summary>
    /// Tests a call that was given up and arrives after its repeat. It goes to fewer gateways than the repeat, because one has unsubscribed. Its receipts
    /// must not replace those of the repeat, which the publisher collects.
    /// </summary>
    [Fact]
    public async Task Collect_FirstCallArrivesAfterItsRepeat_ReturnsTheReceiptsOfTheRepeat()
    {
        _lane.B.Want(Room, 1);
        await _lane.CompleteAsync(Room);
        _lane.A.Connections = 2;
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        await _lane.PublishAsync(One(2) with { IsRepeat = true });
        await _lane.PublishAsync(One(2));
        _lane.B.Answer();
        _lane.B.Answer();

        var answer = await _lane.CollectAsync(One(2));

        Assert.Equal(new SignalReceipt(DeliveryStatus.Delivered, 2, 1), Assert.Single(answer.Receipts));
    }
}
