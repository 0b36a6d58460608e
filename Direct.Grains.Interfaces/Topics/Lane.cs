using System.Globalization;
using Direct.Collections;

namespace Direct.Grains.Topics;

/// <summary>
/// Represents a unit of order: one grain and all signals that are published through it. A group, a channel, a room, everyone and the lobby are a lane
/// each; users share <see cref="UserPartitions"/> lanes, so that an offline user costs a dictionary look-up and no activation.
/// </summary>
[GenerateSerializer, Immutable, Alias("direct.lane")]
public readonly record struct Lane([property: Id(0)] TopicScope Scope, [property: Id(1)] long Id, [property: Id(2)] long ChannelId)
{
    /// <summary>Specifies the number of grains that share the users. Part of the wire contract: gateways and silos must agree.</summary>
    public const int UserPartitions = 4096;

    /// <summary>Returns the lane that a topic belongs to.</summary>
    public static Lane Of(TopicKey topic) => topic.Scope is TopicScope.User
        ? new Lane(TopicScope.User, (long)((ulong)topic.Id % UserPartitions), 0)
        : new Lane(topic.Scope, topic.Id, topic.ChannelId);

    /// <summary>Returns the index of the gateway's observer that receives this lane. It is always the same one, so that the order is kept.</summary>
    public int Stripe(int stripes) => (int)((uint)GetHash() % (uint)stripes);

    /// <summary>Returns the grain of the lane.</summary>
    public ILaneGrain Grain(IGrainFactory grains) => Scope switch
    {
        TopicScope.User => grains.GetGrain<IUserPartitionGrain>(Id),
        TopicScope.Group => grains.GetGrain<IGroupGrain>(Id),
        TopicScope.Channel => grains.GetGrain<IChannelGrain>(Id),
        TopicScope.Room => grains.GetGrain<IRoomGrain>(string.Create(CultureInfo.InvariantCulture, $"{Id}/{ChannelId}")),
        _ => grains.GetGrain<IEveryoneGrain>((long)Scope),
    };

    /// <inheritdoc />
    public override int GetHashCode() => SeededHash.Of((byte)Scope, Id, ChannelId);

    /// <summary>Returns the text for logs, for example <c>Room/5/7</c>.</summary>
    public override string ToString() => $"{Scope}/{Id}/{ChannelId}";

    // Not HashCode.Combine, which differs between processes: every silo must choose the same stripe.
    private ulong GetHash()
    {
        var hash = ((ulong)Scope + 1) * 0x9E3779B97F4A7C15;
        hash = (hash ^ (ulong)Id) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 31) ^ (ulong)ChannelId) * 0x94D049BB133111EB;
        return hash >> 33;
    }
}
