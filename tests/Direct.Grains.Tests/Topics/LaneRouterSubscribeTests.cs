using Direct.Grains.Tests.Fakes;
using Direct.Memory;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class LaneRouterSubscribeTests
{
    private readonly LaneRouterFixture _lane = new();

    [Fact]
    public async Task Subscribe_KnownTopic_IncludesTheGateway()
    {
        await _lane.CompleteAsync(Room);

        await _lane.SubscribeAsync(Room, _lane.A, 1);
        await _lane.PublishAsync(One(2));

        Assert.Equal([1, 2], _lane.A.Sequences);
        Assert.Equal([1], _lane.B.Sequences);
    }

    [Fact]
    public async Task Subscribe_UnknownTopic_LeavesItIncomplete()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);

        await _lane.PublishAsync(One(1));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1], gateway.Sequences));
    }

    /// <summary>Tests that a gateway is not told that it is subscribed by an activation that will be forgotten.</summary>
    [Fact]
    public void Subscribe_Closed_IsNotReady()
    {
        _lane.Router.Close();

        Assert.False(_lane.Router.Subscribe(Room, _lane.A.Id, 1));
    }

    [Fact]
    public async Task Subscribe_GatewayThatCameLater_IncludesIt()
    {
        await _lane.CompleteAsync(Room);
        var d = new FakeLink("d");
        _lane.Gateways.All.Add(d);
        await _lane.PublishAsync(One(2));

        await _lane.SubscribeAsync(Room, d, 1);
        await _lane.PublishAsync(One(3));

        Assert.Equal([3], d.Sequences);
    }

    [Fact]
    public async Task Subscribe_AnswerOfBeforeComesAfter_StaysSubscribed()
    {
        (_lane.A.AnswersAtOnce, _lane.A.IsSlow, _lane.A.Number) = (false, true, 6);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        await _lane.SubscribeAsync(Room, _lane.A, 7);
        _lane.A.Answer();
        await _lane.CollectAsync(batch);

        await _lane.PublishAsync(One(2));

        Assert.Equal([1, 2], _lane.A.Sequences);
    }

    /// <summary>
    /// Tests a race within a subscribe. A gateway increments its number before it records that it wants the topic, so a response in between has the
    /// number of the subscribe and says "not wanted". If that response won, the gateway would receive nothing although it is subscribed.
    /// </summary>
    [Fact]
    public async Task Subscribe_AnswerOfTheSameNumberSaysUnwanted_StaysSubscribed()
    {
        (_lane.A.AnswersAtOnce, _lane.A.IsSlow, _lane.A.Number) = (false, true, 7);
        var batch = One(1);
        await _lane.PublishAsync(batch);
        await _lane.SubscribeAsync(Room, _lane.A, 7);
        _lane.A.Answer();
        await _lane.CollectAsync(batch);

        await _lane.PublishAsync(One(2));

        Assert.Equal([1, 2], _lane.A.Sequences);
    }

    [Fact]
    public async Task Publish_AnswerOfAHigherNumberSaysUnwanted_LeavesTheGatewayOut()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 7);
        _lane.A.Number = 8;
        await _lane.CompleteAsync(Room);

        await _lane.PublishAsync(One(2));

        Assert.Equal([1], _lane.A.Sequences);
    }

    [Fact]
    public async Task Unsubscribe_LateWithAnOldNumber_ChangesNothing()
    {
        _lane.A.Want(Room, 9);
        await _lane.CompleteAsync(Room);

        await _lane.UnsubscribeAsync(Room, _lane.A, 8);
        await _lane.PublishAsync(One(2));

        Assert.Equal([1, 2], _lane.A.Sequences);
    }

    [Fact]
    public async Task Unsubscribe_UnknownTopic_RemembersNothing()
    {
        await _lane.UnsubscribeAsync(Room, _lane.A, 8);

        Assert.Equal(0, _lane.Router.TopicCount);
    }

    [Fact]
    public async Task Sweep_TopicThatSomebodyWants_IsKept()
    {
        _lane.A.Want(Room, 1);
        await _lane.CompleteAsync(Room);
        _lane.Time.Advance(TimeSpan.FromHours(1));

        await _lane.SweepAsync();
        await _lane.PublishAsync(One(2));

        Assert.Equal([1], _lane.B.Sequences);
        Assert.Equal([1, 2], _lane.A.Sequences);
    }

    [Fact]
    public async Task Sweep_TopicThatNobodyWants_IsForgottenAfterSeconds()
    {
        await _lane.CompleteAsync(Room);
        _lane.Time.Advance(TimeSpan.FromSeconds(4));
        await _lane.SweepAsync();
        Assert.Equal((1, true, false), (_lane.Router.TopicCount, _lane.Router.HasUnwanted, _lane.Router.IsIdle));

        _lane.Time.Advance(TimeSpan.FromSeconds(2));
        await _lane.SweepAsync();

        Assert.Equal((0, false, true), (_lane.Router.TopicCount, _lane.Router.HasUnwanted, _lane.Router.IsIdle));
    }

    /// <summary>
    /// Tests a late subscribe. A call that has timed out may still arrive after its gateway has subscribed again and unsubscribed. If the topic were
    /// forgotten by then, the late call could not be recognized, and the topic would stay wanted by a gateway that does not want it.
    /// </summary>
    [Fact]
    public async Task Sweep_TopicThatWasQuietForLongAndIsUnsubscribed_IsRememberedUntilNoOldCallCanCome()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);
        _lane.Time.Advance(TimeSpan.FromHours(1));
        await _lane.UnsubscribeAsync(Room, _lane.A, 2);
        _lane.Time.Advance(TimeSpan.FromSeconds(3));
        await _lane.SweepAsync();

        await _lane.SubscribeAsync(Room, _lane.A, 1);

        _lane.Time.Advance(TimeSpan.FromSeconds(6));
        await _lane.SweepAsync();
        Assert.Equal(0, _lane.Router.TopicCount);
    }

    [Fact]
    public async Task IsIdle_BatchThatIsNotAcknowledged_IsNot()
    {
        (_lane.B.AnswersAtOnce, _lane.B.IsSlow) = (false, true);
        await _lane.PublishAsync(One(1));
        _lane.Time.Advance(TimeSpan.FromSeconds(30));
        await _lane.SweepAsync();

        Assert.Equal((0, false, true), (_lane.Router.TopicCount, _lane.Router.IsIdle, _lane.Router.HasUnwanted));
    }

    [Theory]
    [InlineData(MemoryPressure.None, true)]
    [InlineData(MemoryPressure.High, false)]
    [InlineData(MemoryPressure.Critical, false)]
    public async Task Subscribe_UnknownTopicUnderPressure_IsRefusedAndRemembersNothing(object pressure, bool expected)
    {
        _lane.Memory.Pressure = (MemoryPressure)pressure;

        Assert.Equal(expected, await _lane.SubscribeAsync(Room, _lane.A, 1));
        Assert.Equal(!expected, _lane.Router.IsEmpty);
        Assert.Equal(expected ? 0 : 1, _lane.Meters.Sum("direct.silo.subscriptions.refused"));
    }

    [Fact]
    public async Task Subscribe_KnownTopicUnderPressure_IsTaken()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);
        _lane.Memory.Pressure = MemoryPressure.Critical;

        Assert.True(await _lane.SubscribeAsync(Room, _lane.B, 1));
    }

    [Fact]
    public async Task Sweep_ForgottenTopic_IsAskedAboutAnew()
    {
        await _lane.CompleteAsync(Room);
        _lane.Time.Advance(TimeSpan.FromMinutes(2));
        await _lane.SweepAsync();

        await _lane.PublishAsync(One(2));

        Assert.All(_lane.Gateways.All, gateway => Assert.Equal([1, 2], gateway.Sequences));
    }

    /// <summary>
    /// Tests that a topic is forgotten when only a dead gateway wants it. Dead gateways do not unsubscribe, so all their users would otherwise stay
    /// in the memory of their partition as long as it has traffic.
    /// </summary>
    [Fact]
    public async Task Sweep_TopicThatOnlyADeadGatewayWants_IsForgotten()
    {
        await _lane.SubscribeAsync(Room, _lane.A, 1);
        _lane.A.Want(Room, 1);
        await _lane.CompleteAsync(Room);
        _lane.Gateways.All.Remove(_lane.A);
        _lane.Time.Advance(TimeSpan.FromMinutes(2));

        await _lane.SweepAsync();

        Assert.Equal(0, _lane.Router.TopicCount);
    }
}
