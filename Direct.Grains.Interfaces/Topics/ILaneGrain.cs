using Orleans.Concurrency;

namespace Direct.Grains.Topics;

/// <summary>
/// One lane of the cluster: gives every signal its place and hands it to the gateways that hold whom it is for.
/// </summary>
/// <remarks>
/// It knows gateways, never connections, and what it knows is a cache: the gateways' own indexes are the truth. An activation starts
/// knowing nobody and sends the first signal of a topic to all live gateways; their answers fill the cache. Nothing is stored.
/// </remarks>
[Alias("direct.lane-grain")]
public interface ILaneGrain : IGrain
{
    /// <summary>From now on <paramref name="gateway"/> gets the topic's signals. False: not ready, try again.</summary>
    /// <param name="topic">A topic of this lane.</param>
    /// <param name="gateway">The gateway's id.</param>
    /// <param name="number">The gateway's rising number for this topic; an older one than is known changes nothing.</param>
    [Alias("subscribe"), ResponseTimeout("00:00:02")]
    ValueTask<bool> SubscribeAsync(TopicKey topic, Guid gateway, long number);

    /// <summary><paramref name="gateway"/> no longer wants the topic.</summary>
    [Alias("unsubscribe"), ResponseTimeout("00:00:02")]
    ValueTask UnsubscribeAsync(TopicKey topic, Guid gateway, long number);

    /// <summary>
    /// Places a batch: when this answers, its order is fixed. It waits a moment for the receipts too, and answers without them when a
    /// gateway takes its time; then <see cref="CollectAsync"/> has them.
    /// </summary>
    /// <param name="batch">Repeating one is harmless: receivers know what they have taken.</param>
    /// <param name="expectedEpoch">The epoch in which the publisher's unacknowledged batches were placed; empty when it has none.</param>
    [Alias("publish"), ResponseTimeout("00:00:01")]
    ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch);

    /// <summary>Returns the receipts of an accepted batch: waits for them at most a second, then answers what is known.</summary>
    /// <param name="publisher">The gateway that published it.</param>
    /// <param name="sequence">The sequence number of its first signal.</param>
    /// <returns><see cref="PublishStatus.OtherEpoch"/> when this activation does not know the batch.</returns>
    [Alias("collect"), ResponseTimeout("00:00:03"), AlwaysInterleave]
    ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence);
}

/// <summary>The users whose id has the same remainder by <see cref="Lane.UserPartitions"/>; keyed by it.</summary>
[Alias("direct.user-partition")]
public interface IUserPartitionGrain : ILaneGrain, IGrainWithIntegerKey;

/// <summary>One group, keyed by its id.</summary>
[Alias("direct.group")]
public interface IGroupGrain : ILaneGrain, IGrainWithIntegerKey;

/// <summary>One channel, keyed by its id.</summary>
[Alias("direct.channel")]
public interface IChannelGrain : ILaneGrain, IGrainWithIntegerKey;

/// <summary>One group and channel, keyed by <c>group/channel</c>.</summary>
[Alias("direct.room")]
public interface IRoomGrain : ILaneGrain, IGrainWithStringKey;

/// <summary>Everyone, and the lobby; keyed by <see cref="TopicScope"/>. Goes to every live gateway.</summary>
[Alias("direct.everyone")]
public interface IEveryoneGrain : ILaneGrain, IGrainWithIntegerKey;
