using Direct.Gateway.Diagnostics;
using Direct.Memory;

namespace Direct.Gateway.Publishing;

/// <summary>What all outboxes of a gateway share.</summary>
/// <param name="Sequence">Numbers their signals.</param>
/// <param name="SetAside">Counts what only hung gateways have not acknowledged.</param>
/// <param name="Metrics">For all of them.</param>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Logger">For all of them.</param>
internal sealed record OutboxContext(PublishSequence Sequence, SetAsideBytes SetAside, ClusterMetrics Metrics, TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Bytes that may wait or be unacknowledged in one lane before its publishers wait.</summary>
    public required int MaxLaneBytes { get; init; }

    /// <summary>How long a broadcast is tried before it is given up.</summary>
    public required TimeSpan BroadcastTimeout { get; init; }

    /// <summary>Counts what all outboxes hold.</summary>
    public QueueAccount? Held { get; init; }

    /// <summary>Called when an outbox has something to send again, after it had nothing.</summary>
    public required Action<LaneOutbox> Ready { get; init; }

    /// <summary>Called when an outbox holds nothing and takes nothing more.</summary>
    public required Action<LaneOutbox> Retired { get; init; }
}
