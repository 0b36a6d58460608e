using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Direct.Memory;
using Direct.Startup;

namespace Direct.Edge.Presence;

/// <summary>Reads the figures of this gateway from what it counts anyway.</summary>
internal sealed class StatusReader(
    TopicIndex index,
    ConnectionRegistry connections,
    QueueBudget queues,
    GatewayMetrics metrics,
    NodeGate gate,
    NodeHealth health,
    TimeProvider timeProvider,
    ICanaries? canaries = null)
{
    private readonly long _startedAt = timeProvider.GetTimestamp();

    /// <param name="topics">How many topics to tell of.</param>
    public GatewayResponse Read(int topics) => new(connections.Count)
    {
        Status = new GatewayStatus(ProgramVersion.Text, State())
        {
            LeaseLeft = gate.LeaseLeft,
            Deliveries = metrics.Deliveries,
            Signals = metrics.Signals,
            QueuedBytes = queues.Used,
            Uptime = timeProvider.GetElapsedTime(_startedAt),
            Canaries = canaries?.Read() ?? [],
            Topics = [.. index.Largest(topics).Select(static largest => new TopicSize(TargetOf(largest.Topic), largest.Members))],
        },
    };

    private GatewayState State() => (health.IsDraining, gate.IsOpen && gate.UnreachableReason is null) switch
    {
        (true, _) => GatewayState.Draining,
        (_, false) => GatewayState.Unresponsive,
        _ when gate.DegradedReason is not null => GatewayState.Degraded,
        _ => GatewayState.Serving,
    };

    private static Target TargetOf(Topic topic) => topic.Kind switch
    {
        TopicKind.Group => new Target(topic.Id, 0, 0),
        TopicKind.Channel => new Target(0, topic.Id, 0),
        _ => new Target(topic.Id, topic.ChannelId, 0),
    };
}
