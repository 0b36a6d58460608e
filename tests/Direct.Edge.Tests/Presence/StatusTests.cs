using Direct.Edge.Backplane;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Startup;

namespace Direct.Edge.Tests.Presence;

/// <summary>Tests the status that a gateway reports.</summary>
public sealed class StatusTests : IDisposable
{
    private readonly TestGateway _gateway = new();

    public void Dispose() => _gateway.Dispose();

    [Fact]
    public async Task Status_OfABusyGateway_HasWhatItCounts()
    {
        await _gateway.JoinAsync(5, 7);
        await _gateway.JoinAsync(5, 8);
        _gateway.Connect();
        _gateway.Signal(5, 7, 1, "hello");
        _gateway.Metrics.SignalAnswered(200, TimeSpan.Zero);
        _gateway.Metrics.SignalAnswered(503, TimeSpan.Zero);
        _gateway.Queues.Lanes.Add(100);
        _gateway.Clock.Advance(TimeSpan.FromSeconds(12));

        var reply = Ask(100);

        Assert.Equal(3, reply.Connections);
        var status = reply.Status!;
        Assert.Equal(
            (ProgramVersion.Text, GatewayState.Serving, null, 1L, 2L, _gateway.Queues.Used, TimeSpan.FromSeconds(12)),
            (status.Version, status.State, status.LeaseLeft, status.Deliveries, status.Signals, status.QueuedBytes, status.Uptime));
        Assert.Empty(status.Canaries);
    }

    [Fact]
    public async Task Status_Topics_AreTheLargestGroupsChannelsAndRooms()
    {
        await _gateway.JoinAsync(5, 7);
        await _gateway.JoinAsync(5, 7);
        await _gateway.JoinAsync(5, 0);
        await _gateway.EnterAsync();

        Assert.Equal([new TopicSize(new Target(5, 0, 0), 3)], Ask(1).Status!.Topics);
        Assert.Equal(
            [new TopicSize(new Target(0, 7, 0), 2), new TopicSize(new Target(5, 0, 0), 3), new TopicSize(new Target(5, 7, 0), 2)],
            Ask(100).Status!.Topics.OrderBy(topic => (topic.Target.Group, topic.Target.Channel)));
        Assert.Empty(Ask(0).Status!.Topics);
    }

    [Fact]
    public void Status_WithALease_SaysHowLongItLasts()
    {
        _gateway.Gate.LeaseUntil(_gateway.Clock.GetTimestamp() + (long)(7.5 * _gateway.Clock.TimestampFrequency));

        Assert.Equal(TimeSpan.FromSeconds(7.5), Ask(0).Status!.LeaseLeft);
    }

    [Fact]
    public void Status_OfANode_FollowsItsState()
    {
        _gateway.Gate.Degrade("sessions", "sessions");
        var degraded = Ask(0).Status!.State;
        _gateway.Gate.UnreachableReason = "no silo can reach this gateway";
        var unreachable = Ask(0).Status!.State;
        _gateway.Gate.UnreachableReason = null;
        _gateway.Gate.Shut();
        var shut = Ask(0).Status!.State;
        _gateway.Health.StartDraining();

        Assert.Equal(
            (GatewayState.Degraded, GatewayState.Unresponsive, GatewayState.Unresponsive, GatewayState.Draining),
            (degraded, unreachable, shut, Ask(0).Status!.State));
    }

    [Fact]
    public void Status_WithCanaries_TellsOfThem()
    {
        var canary = new SiloCanary("s", TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2), IsOk: true);

        var status = _gateway.NewDesk(new Canaries(canary)).Answer(new ClusterQuery(ClusterQueryKind.Status, default)).Status!;

        Assert.Equal([canary], status.Canaries);
    }

    private GatewayResponse Ask(int topics) => _gateway.PresenceHandler.Answer(new ClusterQuery(ClusterQueryKind.Status, default) { Limit = topics });

    private sealed class Canaries(SiloCanary canary) : ICanaries
    {
        public IReadOnlyList<SiloCanary> Read() => [canary];
    }
}
