using Direct.Collections;

namespace Direct.Edge.Topics;

/// <summary>Specifies the kind of a topic.</summary>
public enum TopicKind : byte
{
    /// <summary>Every connection that has given its token. It needs no subscription, because it reaches every gateway.</summary>
    All = 0,

    /// <summary>The connections whose group and channel are both 0. It needs no subscription, because it reaches every gateway.</summary>
    Lobby = 1,

    /// <summary>The connections of one user; the id is the user's.</summary>
    User = 2,

    /// <summary>The connections in one group, in any channel.</summary>
    Group = 3,

    /// <summary>The connections in one channel, in any group.</summary>
    Channel = 4,

    /// <summary>The connections in one group and channel.</summary>
    Room = 5,
}

/// <summary>Represents a topic, to which gateways subscribe and signals are published.</summary>
/// <param name="Kind">The kind of the topic.</param>
/// <param name="Id">The user, group or channel id; for a room the group id; otherwise 0.</param>
/// <param name="ChannelId">The channel id of a room; otherwise 0.</param>
public readonly record struct Topic(TopicKind Kind, long Id = 0, long ChannelId = 0)
{
    private static readonly string[] KindNames = [.. Enum.GetNames<TopicKind>().Select(static name => name.ToLowerInvariant())];

    /// <summary>Represents all connections.</summary>
    public static readonly Topic All = new(TopicKind.All);

    /// <summary>Represents all connections that have joined nothing.</summary>
    public static readonly Topic Lobby = new(TopicKind.Lobby);

    /// <summary>Returns the topic of one user's connections.</summary>
    public static Topic User(long userId) => new(TopicKind.User, userId);

    /// <summary>Returns the topic of one group's connections.</summary>
    public static Topic Group(long groupId) => new(TopicKind.Group, groupId);

    /// <summary>Returns the topic of one channel's connections.</summary>
    public static Topic Channel(long channelId) => new(TopicKind.Channel, channelId);

    /// <summary>Returns the topic of the connections of one group and channel.</summary>
    public static Topic Room(long groupId, long channelId) => new(TopicKind.Room, groupId, channelId);

    /// <summary>Returns the topic whose members include every connection that <paramref name="target"/> matches.</summary>
    public static Topic For(Target target) => target switch
    {
        { User: not 0 } => User(target.User),
        { Group: not 0, Channel: not 0 } => Room(target.Group, target.Channel),
        { Group: not 0 } => Group(target.Group),
        { Channel: not 0 } => Channel(target.Channel),
        _ => All,
    };

    /// <summary>Gets whether a gateway receives this topic only while it is subscribed to it.</summary>
    public bool NeedsSubscription => Kind is not (TopicKind.All or TopicKind.Lobby);

    /// <summary>Gets the name of <see cref="Kind"/> as traces show it, for example <c>room</c>.</summary>
    internal string KindName => KindNames[(int)Kind];

    /// <inheritdoc />
    public override int GetHashCode() => SeededHash.Of((byte)Kind, Id, ChannelId);

    /// <summary>Returns the text for logs, for example <c>room/5/7</c>.</summary>
    public override string ToString() => Kind switch
    {
        TopicKind.All => "all",
        TopicKind.Lobby => "lobby",
        TopicKind.User => $"user/{Id}",
        TopicKind.Group => $"group/{Id}",
        TopicKind.Channel => $"channel/{Id}",
        _ => $"room/{Id}/{ChannelId}",
    };
}
