using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>The matching connections of one gateway, in reply to <see cref="ClusterQueryKind.Watch"/>.</summary>
/// <param name="Open">Those that are open, at most <see cref="ClusterQuery.Limit"/>: those with the lowest ids.</param>
/// <param name="Recent">What has happened to matching connections lately.</param>
public sealed record WatchedConnections(IReadOnlyList<OpenConnection> Open, RecentEvents Recent);

/// <summary>One open connection.</summary>
/// <param name="Id">Unique on its gateway for as long as that runs.</param>
/// <param name="Place">Its group, channel and user.</param>
/// <param name="Age">How long it has been open.</param>
/// <param name="QueuedBytes">The memory of its queue.</param>
public readonly record struct OpenConnection(long Id, Target Place, TimeSpan Age, long QueuedBytes);

/// <summary>What a gateway has recorded while it was watched: of the last seconds, and not more than a few hundred of each kind.</summary>
/// <param name="Next">The number of what is recorded next; it rises from 0 with each run of the gateway.</param>
/// <param name="Ended">Connections that have ended.</param>
/// <param name="Delivered">Messages that were delivered, where they are shown.</param>
public sealed record RecentEvents(long Next, IReadOnlyList<EndedConnection> Ended, IReadOnlyList<DeliveredMessage> Delivered);

/// <summary>A connection that has ended.</summary>
/// <param name="Number">Its number among what the gateway has recorded.</param>
/// <param name="Id">The id of the connection.</param>
/// <param name="Place">Its last group, channel and user.</param>
/// <param name="Code">The close code, or 0 if the gateway sent none of its own.</param>
/// <param name="Reason">Why, as the metric <c>direct.gateway.connections.closed</c> says it.</param>
public readonly record struct EndedConnection(long Number, long Id, Target Place, ushort Code, string Reason);

/// <summary>A message that was taken into queues, without its text.</summary>
/// <param name="Number">Its number among what the gateway has recorded.</param>
/// <param name="Target">The target that it was for.</param>
/// <param name="Bytes">Its length in UTF-8.</param>
/// <param name="Hash">The first 8 hexadecimal digits of its SHA-256.</param>
/// <param name="Connections">The number of connections of this gateway that took it.</param>
public readonly record struct DeliveredMessage(long Number, Target Target, int Bytes, string Hash, int Connections);
