using Orleans.Concurrency;

namespace Direct.Grains.Topics;

/// <summary>
/// Represents one lane of the cluster. It fixes the order of signals and delivers each to the gateways that hold matching connections.
/// </summary>
/// <remarks>
/// It knows gateways, not connections, and only as a cache: the gateways' own indexes are authoritative. A new activation has an empty cache. It
/// sends the first signal of a topic to all live gateways, and their answers fill the cache. Nothing is stored.
/// </remarks>
[Alias("direct.lane-grain")]
public interface ILaneGrain : IGrain
{
    /// <summary>Subscribes <paramref name="gateway"/> to a topic. Returns false if the lane is not ready and the call should be repeated.</summary>
    /// <param name="topic">A topic of this lane.</param>
    /// <param name="gateway">The gateway's id.</param>
    /// <param name="number">The gateway's increasing number for this topic. A number below the last known one is ignored.</param>
    [Alias("subscribe"), ResponseTimeout("00:00:02")]
    ValueTask<bool> SubscribeAsync(TopicKey topic, Guid gateway, long number);

    /// <summary>Unsubscribes <paramref name="gateway"/> from a topic.</summary>
    [Alias("unsubscribe"), ResponseTimeout("00:00:02")]
    ValueTask UnsubscribeAsync(TopicKey topic, Guid gateway, long number);

    /// <summary>
    /// Accepts a batch: its order is fixed when this returns. The call waits a short time for the receipts. If a gateway is slow, it returns without
    /// all of them, and <see cref="CollectAsync"/> returns the rest.
    /// </summary>
    /// <param name="batch">A batch. It may be sent again: receivers recognise repeats.</param>
    /// <param name="expectedEpoch">The epoch in which the publisher's unacknowledged batches were accepted; empty if there are none.</param>
    [Alias("publish"), ResponseTimeout("00:00:01")]
    ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch);

    /// <summary>Returns the receipts of an accepted batch: waits for them at most a second, then answers what is known.</summary>
    /// <param name="publisher">The gateway that published it.</param>
    /// <param name="sequence">The sequence number of its first signal.</param>
    /// <returns><see cref="PublishStatus.OtherEpoch"/> when this activation does not know the batch.</returns>
    [Alias("collect"), ResponseTimeout("00:00:03"), AlwaysInterleave]
    ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence);
}

/// <summary>Represents the lane of all users whose ids have the same remainder modulo <see cref="Lane.UserPartitions"/>, which is the key.</summary>
[Alias("direct.user-partition")]
public interface IUserPartitionGrain : ILaneGrain, IGrainWithIntegerKey;

/// <summary>Represents the lane of a group, keyed by its id.</summary>
[Alias("direct.group")]
public interface IGroupGrain : ILaneGrain, IGrainWithIntegerKey;

/// <summary>Represents the lane of a channel, keyed by its id.</summary>
[Alias("direct.channel")]
public interface IChannelGrain : ILaneGrain, IGrainWithIntegerKey;

/// <summary>Represents the lane of a room, keyed by <c>group/channel</c>.</summary>
[Alias("direct.room")]
public interface IRoomGrain : ILaneGrain, IGrainWithStringKey;

/// <summary>
/// Represents the lane of all connections, and that of the lobby; keyed by <see cref="TopicScope"/>. Its signals go to every live gateway.
/// </summary>
[Alias("direct.everyone")]
public interface IEveryoneGrain : ILaneGrain, IGrainWithIntegerKey;
