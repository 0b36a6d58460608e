using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Memory;

namespace Direct.Edge.Topics;

/// <summary>The services that the logs of one index share.</summary>
/// <param name="MaxWaitingBytes">Past this many undrained bytes a topic asks its publishers to wait.</param>
/// <param name="MayRetire">Whether a log without members ends.</param>
/// <param name="Retired">Told of a log that has just ended outside a call to <see cref="TopicLog.Leave"/>.</param>
/// <param name="Metrics">Told of every batch sent.</param>
/// <param name="Gate">Says whether anything may be sent at all.</param>
internal sealed record TopicLogSettings(int MaxWaitingBytes, bool MayRetire, Action<TopicLog> Retired, GatewayMetrics Metrics, NodeGate Gate)
{
    /// <summary>Counts what waits in all logs.</summary>
    public QueueAccount? Waiting { get; init; }
}
