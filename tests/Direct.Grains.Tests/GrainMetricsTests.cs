using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Tests.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests;

public sealed class GrainMetricsTests
{
    private const string Topics = "direct.silo.topics";
    private const string Subscriptions = "direct.silo.subscriptions";

    [Fact]
    public void Instruments_All_AreThoseOfTheDocument()
    {
        using var meters = new TestMeters();
        using var metrics = new GrainMetrics(meters);
        metrics.ObserveHolders(static () => 0);
        metrics.ObserveGateways(static () => 0, static () => false);
        metrics.ObserveMemory(static () => 0, 0, static () => false);

        Assert.Equal(MetricsDocument.Of("silo"), MetricsDocument.Of(meters.Instruments));
        Assert.All(meters.Instruments, instrument => Assert.False(string.IsNullOrWhiteSpace(instrument.Description), instrument.Name));
    }

    // Covers every way in which a subscription begins and ends. A repeated or late call must not count again.
    [Fact]
    public void Subscriptions_ThatComeAndGo_AreCountedOnceEach()
    {
        var lane = new LaneRouterFixture();
        lane.Router.Subscribe(Room, lane.A.Id, 1);
        lane.Router.Subscribe(Room, lane.A.Id, 2);
        lane.Router.Subscribe(Room, lane.B.Id, 1);
        lane.Router.Subscribe(User(3), lane.A.Id, 1);
        Assert.Equal((2.0, 3.0), (lane.Meters.Sum(Topics), lane.Meters.Sum(Subscriptions)));

        lane.Router.Unsubscribe(Room, lane.A.Id, 1); // a late unsubscribe
        lane.Router.Unsubscribe(Room, lane.B.Id, 2);
        lane.Router.Unsubscribe(Room, lane.B.Id, 3);
        Assert.Equal(2, lane.Meters.Sum(Subscriptions));

        lane.Gateways.All.Remove(lane.A);
        lane.Time.Advance(TimeSpan.FromMinutes(2));
        lane.Router.Sweep();
        Assert.Equal((0.0, 0.0), (lane.Meters.Sum(Topics), lane.Meters.Sum(Subscriptions)));
    }

    [Fact]
    public void Close_OfALane_TakesAwayWhatItRemembers()
    {
        var lane = new LaneRouterFixture();
        lane.Router.Subscribe(Room, lane.A.Id, 1);
        lane.Router.Subscribe(User(3), lane.B.Id, 1);

        lane.Router.Close();
        lane.Router.Unsubscribe(Room, lane.A.Id, 2);

        Assert.Equal((0.0, 0.0), (lane.Meters.Sum(Topics), lane.Meters.Sum(Subscriptions)));
    }

    [Fact]
    public async Task Batches_AcceptedAndRefused_AreCounted()
    {
        var lane = new LaneRouterFixture();
        (lane.A.AnswersAtOnce, lane.B.AnswersAtOnce, lane.C.AnswersAtOnce) = (true, true, true);
        await lane.StartPublish(Of(Signal(Room, 1), Signal(Room, 2)));
        await lane.StartPublish(One(3), Guid.NewGuid());
        lane.Gateways.IsFenced = true;
        await lane.StartPublish(One(4));

        Assert.Equal(
            (1.0, 2.0, 1.0, 1.0),
            (lane.Meters.Sum("direct.silo.batches"), lane.Meters.Sum("direct.silo.signals"),
                lane.Meters.Sum("direct.silo.batches.refused", "reason=other_epoch"), lane.Meters.Sum("direct.silo.batches.refused", "reason=fenced")));
    }

    [Fact]
    public void Gateways_OfTheTable_AreCountedAndTheFenceIsSeen()
    {
        using var meters = new TestMeters();
        using var metrics = new GrainMetrics(meters);
        var time = new ManualTimeProvider();
        var gateways = new LiveGateways(metrics, FakeMemoryWatch.Plenty(), new LocalGateways(), time, NullLogger<LiveGateways>.Instance);
        Assert.Equal((0.0, 1.0), (meters.Read("direct.silo.gateways"), meters.Read("direct.silo.fenced")));

        gateways.Confirm(new GatewayTable(Guid.NewGuid(), 1, [new GatewayEntry(Guid.NewGuid(), "a", [])], 0), time.GetTimestamp());
        Assert.Equal((1.0, 0.0), (meters.Read("direct.silo.gateways"), meters.Read("direct.silo.fenced")));

        time.Advance(SiloTimes.FenceAfter + TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, meters.Read("direct.silo.fenced"));
    }

    [Fact]
    public async Task Delivery_ThatFails_IsCounted()
    {
        var (failures, observer, time) = (0, new FakeObserver(), new ManualTimeProvider());
        var link = new GatewayLink(new GatewayEntry(Guid.NewGuid(), "gateway", [observer]), new LinkSettings(time, NullLogger.Instance) { DeliveryFailed = () => failures++ });
        _ = link.Send(One(1));
        await Deadline.UntilAsync("a call", () => observer.CallsUnderWay == 1);

        observer.Fail();

        await Deadline.UntilAsync("the failure is counted", () => failures == 1);
        link.Close();
    }
}
