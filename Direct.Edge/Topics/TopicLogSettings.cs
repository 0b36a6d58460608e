using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Memory;

namespace Direct.Edge.Topics;

/// <summary>Holds the services that the logs of one index share.</summary>
/// <param name="MaxWaitingBytes">The number of waiting bytes of a topic above which its publishers wait.</param>
/// <param name="MayRetire">Whether a log without members is retired.</param>
/// <param name="Retired">Called with a log that has been retired outside a call to <see cref="TopicLog.Leave"/>.</param>
/// <param name="Metrics">Counts every batch that is sent.</param>
/// <param name="Gate">Decides whether anything may be sent.</param>
internal sealed record TopicLogSettings(int MaxWaitingBytes, bool MayRetire, Action<TopicLog> Retired, GatewayMetrics Metrics, NodeGate Gate)
{
    /// <summary>Gets the account that counts the waiting bytes of all logs.</summary>
    public QueueAccount? Waiting { get; init; }
}
