using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>
/// Everything a gateway needs from the rest of the cluster, and nothing more. What arrives from it goes to <see cref="ISignalSink"/>,
/// and questions to <see cref="IPresenceHandler"/>.
/// </summary>
/// <remarks>
/// Order: what one gateway publishes to one topic arrives first in, first out, at every gateway; nothing is promised across topics.
/// Repeats: a signal is handed to a sink once; one with an <see cref="Signal.Id"/> is known again by the sink itself.
/// </remarks>
public interface IBackplane
{
    /// <summary>This gateway's name for people, as receipts and answers to questions have it.</summary>
    string Name { get; }

    /// <summary>Whether topics reach this gateway only after <see cref="SubscribeAsync"/>. When false, neither it nor its twin is ever called.</summary>
    bool NeedsSubscriptions { get; }

    /// <summary>
    /// Starts delivery of <paramref name="topic"/> to this gateway, in force when the task completes. Idempotent. Never called for
    /// <see cref="TopicKind.All"/> and <see cref="TopicKind.Lobby"/>, nor twice at once for one topic.
    /// </summary>
    ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>Stops delivery of <paramref name="topic"/> to this gateway. Idempotent. Never at once with a subscribe of the same topic.</summary>
    ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when there is room for another signal to <paramref name="topic"/>. A publisher waits for it before it takes more
    /// work; this is how a node that is asked for more than it can do slows its publishers down instead of growing.
    /// </summary>
    ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>
    /// Delivers to every gateway that holds subscribers, this one included, in one order for all. The order is fixed when the call
    /// returns; the receipt may complete later.
    /// </summary>
    PublishResult Publish(in Signal signal);

    /// <summary>
    /// Asks every live gateway, this one included; each brings the question to its <see cref="IPresenceHandler"/>. Waits for a gateway that
    /// is slow, but not long, and tries once: a caller that is told anything but <see cref="AskStatus.Answered"/> may ask again.
    /// </summary>
    ValueTask<ClusterAnswer> QueryAsync(ClusterQuery question, CancellationToken cancellationToken);
}
