using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Tests.Publishing;
using Direct.Grains.Gateways;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

public sealed class ClusterMetricsTests
{
    private const string Connected = "direct.gateway.cluster.connected";
    private const string Repeats = "direct.gateway.lanes.repeats";
    private const string Abandoned = "direct.gateway.lanes.abandoned";

    [Fact]
    public void Instruments_All_AreThoseOfTheDocument()
    {
        using var meters = new TestMeters();
        using var metrics = new ClusterMetrics(meters);
        metrics.ObserveLanes(static () => 0, static () => 0, static () => 0);
        metrics.ObserveLease(static () => true);

        Assert.Equal(MetricsDocument.Of("cluster"), MetricsDocument.Of(meters.Instruments));
        Assert.All(meters.Instruments, instrument => Assert.False(string.IsNullOrWhiteSpace(instrument.Description), instrument.Name));
    }

    [Fact]
    public async Task Lease_HeldAndLost_IsConnectedAndThenAFence()
    {
        await using var gateway = new GatewayLeaseFixture();
        await gateway.StartAndRegisterAsync();
        Assert.Equal((1.0, 0.0), (gateway.Meters.Read(Connected), gateway.Meters.Sum("direct.gateway.cluster.fences")));
        gateway.Registry.OnRegister = static _ => Task.FromResult(false);
        gateway.Registry.OnRenew = static _ => Task.FromException<RenewAnswer>(new TimeoutException());

        await gateway.RunAsync(gateway.BackplaneOptions.FenceAfter + TimeSpan.FromSeconds(2), until: () => gateway.Meters.Sum("direct.gateway.cluster.fences") > 0);

        Assert.Equal(0, gateway.Meters.Read(Connected));
    }

    [Fact]
    public async Task Batch_SentAgain_IsARepeatEachTime()
    {
        var lane = new LaneOutboxFixture();
        lane.Send();
        await Deadline.UntilAsync("the first try", () => lane.Grain.Publishes.Count == 1);
        Assert.Equal(0, lane.Meters.Sum(Repeats));

        for (var repeat = 1; repeat <= 2; repeat++)
        {
            lane.Grain.Publishes[^1].Fail();
            await lane.RetryAsync();
            await Deadline.UntilAsync("the next try", () => lane.Grain.Publishes.Count == repeat + 1);
            Assert.Equal(repeat, lane.Meters.Sum(Repeats));
        }
    }

    [Fact]
    public async Task Signal_NotAcceptedInTime_IsAbandoned()
    {
        var lane = new LaneOutboxFixture();
        lane.Broadcast();

        await lane.FailForAsync(LaneOutboxFixture.BroadcastDeadline + TimeSpan.FromSeconds(1), () => lane.Retirements > 0);

        Assert.Equal(1, lane.Meters.Sum(Abandoned, "reason=acceptance"));
    }

    [Fact]
    public async Task Lanes_WithSomethingInThem_AreCountedWithTheirBytes()
    {
        await using var gateway = new GatewayLeaseFixture();
        await gateway.StartAndRegisterAsync();
        using var backplane = new ClusterBackplane(
            gateway.Grains, gateway.Wanted, gateway.Lease, gateway.Promises, Options.Create(gateway.BackplaneOptions), gateway.Queues, gateway.Metrics, gateway.Time,
            NullLogger<ClusterBackplane>.Instance);
        Assert.Equal((0.0, 0.0), (gateway.Meters.Read("direct.gateway.lanes.active"), gateway.Meters.Read("direct.gateway.lanes.bytes")));

        backplane.Publish(new Signal(Topic.Room(5, 7), new Target(5, 7, 0), new byte[1000]));
        backplane.Publish(new Signal(Topic.Room(5, 8), new Target(5, 8, 0), new byte[1000]));

        Assert.Equal(2, gateway.Meters.Read("direct.gateway.lanes.active"));
        Assert.InRange(gateway.Meters.Read("direct.gateway.lanes.bytes"), 2000, 3000);
        Assert.Equal(0, gateway.Meters.Read("direct.gateway.lanes.unresponsive"));
    }
}
