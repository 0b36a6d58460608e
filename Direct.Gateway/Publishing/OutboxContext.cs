using Direct.Gateway.Diagnostics;
using Direct.Memory;

namespace Direct.Gateway.Publishing;

/// <summary>Groups what all outboxes of a gateway share.</summary>
/// <param name="Sequence">Numbers the signals.</param>
/// <param name="UnresponsiveBytes">Counts the bytes that only unresponsive gateways have not acknowledged.</param>
/// <param name="Metrics">The metrics of all outboxes.</param>
/// <param name="TimeProvider">The clock.</param>
/// <param name="Logger">The log of all outboxes.</param>
internal sealed record OutboxContext(PublishSequence Sequence, UnresponsiveBytes UnresponsiveBytes, ClusterMetrics Metrics, TimeProvider TimeProvider, ILogger Logger)
{
    /// <summary>Gets the bytes that may wait or be unacknowledged in one lane before its publishers wait.</summary>
    public required int MaxLaneBytes { get; init; }

    /// <summary>Gets the time for which a broadcast is tried before it is dropped.</summary>
    public required TimeSpan BroadcastTimeout { get; init; }

    /// <summary>Gets the account that counts the bytes of all outboxes for the memory budget.</summary>
    public QueueAccount? Held { get; init; }

    /// <summary>Gets the action that is called when an outbox that had nothing to send has something.</summary>
    public required Action<LaneOutbox> Ready { get; init; }

    /// <summary>Gets the action that is called when an outbox is empty and accepts no more signals.</summary>
    public required Action<LaneOutbox> Retired { get; init; }
}
