using Direct.Grains.Topics;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Tests an activation whose deliveries gateways refuse, because a later activation has recovered the lane (interleaving 4).</summary>
public sealed class LaneRouterSupersededTests
{
    private readonly LaneRouterFixture _lane = new();

    /// <summary>
    /// Tests a batch that gateway b refuses and the others deliver. It must not count as accepted: the publisher sends it again, and the later activation
    /// gives it its place in the log.
    /// </summary>
    [Fact]
    public async Task Publish_OneGatewayHasPromisedALaterActivation_IsOfAnotherEpoch()
    {
        _lane.B.Status = DeliveryStatus.Superseded;

        var answer = await _lane.PublishAsync(One(1));

        Assert.Equal(PublishStatus.OtherEpoch, answer.Status);
        Assert.True(_lane.Router.IsSuperseded);
        Assert.Equal(1, _lane.Meters.Sum("direct.silo.batches.superseded"));
    }

    [Fact]
    public async Task Publish_RefusalComesWhileItWaits_IsAnsweredAtOnce()
    {
        (_lane.A.AnswersAtOnce, _lane.B.AnswersAtOnce, _lane.B.Status) = (false, false, DeliveryStatus.Superseded);
        var publishing = _lane.StartPublish(One(1));
        await _lane.AdvanceAsync(TimeSpan.Zero);

        _lane.B.Answer();

        Assert.Equal(PublishStatus.OtherEpoch, (await LaneRouterFixture.EndAsync(publishing, "the answer")).Status);
    }

    /// <summary>Tests a batch whose publisher has been told that it is accepted. The refusal comes later, and the publisher learns of it when it collects the receipts.</summary>
    [Fact]
    public async Task Collect_RefusalComesAfterTheAnswer_IsOfAnotherEpoch()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow, _lane.B.Status) = (false, true, DeliveryStatus.Superseded);
        Assert.Equal(PublishStatus.Accepted, (await _lane.PublishAsync(One(1))).Status);

        _lane.B.Answer();

        Assert.Equal(PublishStatus.OtherEpoch, (await _lane.CollectAsync(One(1))).Status);
    }

    [Fact]
    public async Task Publish_AfterARefusal_AcceptsNothing()
    {
        _lane.B.Status = DeliveryStatus.Superseded;
        await _lane.PublishAsync(One(1));

        Assert.Equal(PublishStatus.OtherEpoch, (await _lane.PublishAsync(One(2))).Status);
        Assert.False(await _lane.SubscribeAsync(Room, _lane.A, 1));
        Assert.Equal([1L], _lane.A.Sequences);
    }

    [Fact]
    public async Task Publish_SeveralRefusals_CountTheBatchOnceAndCloseTheLaneOnce()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);
        (_lane.A.Status, _lane.B.Status, _lane.C.Status) = (DeliveryStatus.Superseded, DeliveryStatus.Superseded, DeliveryStatus.Superseded);

        await _lane.PublishAsync(One(1));
        _lane.Router.Close();

        Assert.Equal(1, _lane.Meters.Sum("direct.silo.batches.superseded"));
        Assert.Equal((0.0, 0.0), (_lane.Meters.Sum("direct.silo.topics"), _lane.Meters.Sum("direct.silo.subscriptions")));
    }

    /// <summary>
    /// Tests an activation that nobody publishes to, and whose ballot a gateway refuses because it has promised a higher one. The gateway takes no log from it, and could not keep
    /// the topic before somebody publishes.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fetch_ByAGatewayThatHasPromisedAHigherBallot_ClosesTheLane(bool isForHeaders)
    {
        var ballot = new Ballot(5, Guid.NewGuid());
        _lane.Router.Restore(new RecoveredLane(ballot, []));
        _lane.SubscribeKept(Room, _lane.A, 1);
        var request = new FetchRequest(Room, 0, 0, IsNewestFirst: false, ballot);
        Assert.Equal(TailStatus.Page, _lane.Router.Fetch(request).Status);
        Assert.False(_lane.Router.IsSuperseded);

        request = request with { Ballot = ballot with { Number = 6 } };
        Assert.True(isForHeaders ? _lane.Router.FetchHeaders(request).Epoch == 0 : _lane.Router.Fetch(request).Status is TailStatus.NotReady);

        Assert.True(_lane.Router.IsSuperseded);
        Assert.Equal(PublishStatus.OtherEpoch, (await _lane.PublishAsync(One(1))).Status);
        Assert.Equal(0, _lane.Meters.Sum("direct.silo.batches.superseded"));
    }

    /// <summary>
    /// Tests a batch that a closed lane has not delivered to a gateway before that has left. The next activation may have recovered from this gateway, so nobody would have the message.
    /// While the lane is open, the gateway's answer is not needed: the tail has the message.
    /// </summary>
    [Theory]
    [InlineData(false, PublishStatus.Accepted)]
    [InlineData(true, PublishStatus.OtherEpoch)]
    public async Task Collect_GatewayLeavesBeforeItHasTheBatch_OfAClosedLaneIsOfAnotherEpoch(bool isClosed, PublishStatus expected)
    {
        _lane.SubscribeKept(Room, _lane.B, 1);
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        Assert.Equal(PublishStatus.Accepted, (await _lane.PublishAsync(One(1))).Status);
        if (isClosed)
        {
            _lane.Router.Close();
        }

        _lane.B.Close();

        Assert.Equal(expected, (await _lane.CollectAsync(One(1))).Status);
    }

    /// <summary>Tests that a batch that all gateways have acknowledged stays accepted when a later one is refused.</summary>
    [Fact]
    public async Task Collect_BatchAcknowledgedBeforeTheRefusal_StaysAccepted()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        await _lane.PublishAsync(One(1));
        _lane.B.Answer();
        _lane.A.Status = DeliveryStatus.Superseded;
        await _lane.PublishAsync(One(2));

        var answer = await _lane.CollectAsync(One(1));

        Assert.Equal((PublishStatus.Accepted, 0), (answer.Status, answer.Pending.Length));
    }
}
