namespace Direct.Edge.Topics;

/// <summary>The kind of a topic.</summary>
public enum TopicKind : byte
{
    /// <summary>Every connection that has given its token. Never subscribed: reaches every gateway.</summary>
    All = 0,

    /// <summary>The connections whose group and channel are both 0. Never subscribed: reaches every gateway.</summary>
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

/// <summary>A topic: a gateway subscribes to it, and a signal is published to it.</summary>
/// <param name="Kind">Which index it names.</param>
/// <param name="Id">The user, group or channel id; for a room the group id; else 0.</param>
/// <param name="ChannelId">The channel id of a room; else 0.</param>
public readonly record struct Topic(TopicKind Kind, long Id = 0, long ChannelId = 0)
{
    private static readonly string[] KindNames = [.. Enum.GetNames<TopicKind>().Select(static name => name.ToLowerInvariant())];

    /// <summary>Everyone.</summary>
    public static readonly Topic All = new(TopicKind.All);

    /// <summary>All connections that have joined nothing.</summary>
    public static readonly Topic Lobby = new(TopicKind.Lobby);

    /// <summary>One user's connections.</summary>
    public static Topic User(long userId) => new(TopicKind.User, userId);

    /// <summary>One group's connections.</summary>
    public static Topic Group(long groupId) => new(TopicKind.Group, groupId);

    /// <summary>One channel's connections.</summary>
    public static Topic Channel(long channelId) => new(TopicKind.Channel, channelId);

    /// <summary>Returns the connections of one group and channel.</summary>
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

    /// <summary>Gets whether a gateway gets this topic only while it is subscribed to it.</summary>
    public bool NeedsSubscription => Kind is not (TopicKind.All or TopicKind.Lobby);

    /// <summary>Returns the name of <see cref="Kind"/> as traces show it, <c>room</c> for instance.</summary>
    internal string KindName => KindNames[(int)Kind];

    /// <summary>For logs: <c>room/5/7</c>.</summary>
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
