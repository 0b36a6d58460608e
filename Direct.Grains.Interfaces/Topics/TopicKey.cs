using Direct.Collections;

namespace Direct.Grains.Topics;

/// <summary>Specifies the kind of a topic. The numbers are part of the wire contract.</summary>
public enum TopicScope : byte
{
    /// <summary>All connections.</summary>
    All = 0,

    /// <summary>All connections that have joined nothing.</summary>
    Lobby = 1,

    /// <summary>One user's connections.</summary>
    User = 2,

    /// <summary>One group's connections.</summary>
    Group = 3,

    /// <summary>One channel's connections.</summary>
    Channel = 4,

    /// <summary>The connections of one group and channel.</summary>
    Room = 5,

    /// <summary>No connections: a signal that shows its gateway that a silo reaches it. Only a lane of canaries sends it, and only to one gateway.</summary>
    Canary = 6,
}

/// <summary>Identifies a topic for gateways and silos.</summary>
/// <param name="Scope">The kind of the topic.</param>
/// <param name="Id">The user, group or channel id; for a room the group id; otherwise 0.</param>
/// <param name="ChannelId">The channel id of a room; otherwise 0.</param>
[GenerateSerializer, Immutable, Alias("direct.topic-key")]
public readonly record struct TopicKey(
    [property: Id(0)] TopicScope Scope,
    [property: Id(1)] long Id,
    [property: Id(2)] long ChannelId)
{
    /// <summary>Gets what topics are ordered by, where gateways and silos must agree on an order.</summary>
    internal (TopicScope Scope, long Id, long ChannelId) Order => (Scope, Id, ChannelId);

    /// <inheritdoc />
    public override int GetHashCode() => SeededHash.Of((byte)Scope, Id, ChannelId);

    /// <summary>Returns the text for logs, for example <c>Room/5/7</c>.</summary>
    public override string ToString() => $"{Scope}/{Id}/{ChannelId}";
}
