using Direct.Edge.Keeping;
using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>
/// Provides everything that a gateway needs from the rest of the cluster. Signals that arrive from it go to <see cref="ISignalSink"/>, and queries to
/// <see cref="IPresenceHandler"/>.
/// </summary>
/// <remarks>
/// Order: signals that one gateway publishes to one topic arrive at every gateway in the order of publishing. There is no order across topics.
/// Repeats: a signal is given to a sink once; the sink itself recognises a repeat of one with a <see cref="Signal.Id"/>.
/// </remarks>
public interface IBackplane
{
    /// <summary>This gateway's name for people, as receipts and answers to queries have it.</summary>
    string Name { get; }

    /// <summary>
    /// Gets whether topics reach this gateway only after <see cref="SubscribeAsync"/>. If false, neither that method nor
    /// <see cref="UnsubscribeAsync"/> is called.
    /// </summary>
    bool NeedsSubscriptions { get; }

    /// <summary>
    /// Starts delivery of <paramref name="topic"/> to this gateway, which is in force when the task completes. Idempotent. It is not called for
    /// <see cref="TopicKind.All"/> and <see cref="TopicKind.Lobby"/>, nor concurrently for the same topic.
    /// </summary>
    ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>
    /// Starts delivery of the topic with keep, as <see cref="SubscribeAsync"/> does, and gives the answer to <see cref="FollowedTopic.Open"/> before the task
    /// completes. From then on every message of the topic comes with its place in the log. It is called for <see cref="TopicKind.All"/> too, and only on a keeper.
    /// </summary>
    internal ValueTask SubscribeKeptAsync(FollowedTopic kept, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Asks for messages of a log, and gives them to <see cref="FollowedTopic.Extend"/> before the task completes. It is called only on a keeper.</summary>
    internal ValueTask FetchAsync(FollowedTopic kept, LogRange range, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>
    /// Stops delivery of <paramref name="topic"/> to this gateway. Idempotent. It is not called concurrently with a subscribe of the same topic.
    /// </summary>
    ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>
    /// Completes when there is room for another signal to <paramref name="topic"/>. A publisher waits for it before it accepts more work. This is how
    /// an overloaded node slows its publishers down instead of growing.
    /// </summary>
    ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>
    /// Delivers a signal to every gateway that holds subscribers, including this one, in one order for all. The order is fixed when the call returns;
    /// the receipt may complete later.
    /// </summary>
    PublishResult Publish(in Signal signal);

    /// <summary>
    /// Asks every live gateway, including this one. Each passes the query to its <see cref="IPresenceHandler"/>. The call waits a short time for slow
    /// gateways and tries once. A caller may repeat it unless the result is <see cref="QueryStatus.Answered"/>.
    /// </summary>
    ValueTask<ClusterAnswer> QueryAsync(ClusterQuery query, CancellationToken cancellationToken);
}
