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

    /// <summary>
    /// Subscribes <paramref name="gateway"/> to a topic as <see cref="SubscribeAsync"/> does, and as one of its keepers: from now on it gets every message of the topic
    /// with its position. A later subscription without keep, or an unsubscription, ends that.
    /// </summary>
    /// <param name="topic">A topic of this lane, not the lobby.</param>
    /// <param name="gateway">The gateway's id.</param>
    /// <param name="number">The gateway's increasing number for this topic. A number below the last known one is <see cref="KeptStatus.NotReady"/>.</param>
    [Alias("subscribe-kept"), ResponseTimeout("00:00:02")]
    ValueTask<KeptAnswer> SubscribeKeptAsync(TopicKey topic, Guid gateway, long number);

    /// <summary>Returns messages of a kept topic.</summary>
    /// <param name="request">What is wanted.</param>
    [Alias("fetch"), ResponseTimeout("00:00:02"), AlwaysInterleave]
    ValueTask<TailPage> FetchAsync(FetchRequest request);

    /// <summary>Returns headers of a kept topic, for a gateway that has just subscribed with keep.</summary>
    /// <param name="request">The range, of which those with the lowest offsets are returned.</param>
    [Alias("fetch-headers"), ResponseTimeout("00:00:02"), AlwaysInterleave]
    ValueTask<HeaderPage> FetchHeadersAsync(FetchRequest request);

    /// <summary>
    /// Prepares the lane for the end of a gateway that is being stopped, and keeps topics until it leaves the cluster: another gateway is asked to keep each that no other keeps. The call
    /// waits, for two seconds at most, until the lane has read what only this gateway has of the logs.
    /// </summary>
    /// <param name="gateway">The gateway's id.</param>
    /// <param name="topics">Topics of this lane, at most <see cref="HandOverRequest.MaxTopics"/>.</param>
    /// <returns>False if the lane does not serve at present, or its silo stops too: try again.</returns>
    [Alias("hand-over"), ResponseTimeout("00:00:03")]
    ValueTask<bool> HandOverAsync(Guid gateway, HandOverRequest[] topics);
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
