namespace Direct.Grains.Topics;

/// <summary>
/// Publishes the batches of many lanes in one call. There is one on every silo for each key, so a call takes no further hop: batches of
/// lanes on that silo are placed at once, and those of other lanes are passed on to their grains.
/// </summary>
/// <remarks>
/// A gateway's calls with one key reach one silo, for as long as their connection lasts. Which one it is, and where each lane is, the
/// answers say. Both are hints: every batch is placed by its lane, wherever it is handed in.
/// </remarks>
[Alias("direct.publisher")]
public interface IPublisherGrain : IGrainWithIntegerKey
{
    /// <summary>Publishes batches of different lanes, each as <see cref="ILaneGrain.PublishAsync"/> does.</summary>
    /// <param name="requests">At most one for each lane, because they are placed in no particular order.</param>
    [Alias("publish"), ResponseTimeout("00:00:01")]
    ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests);
}

/// <summary>One batch of a call to a publisher.</summary>
/// <param name="Batch">See <see cref="ILaneGrain.PublishAsync"/>.</param>
/// <param name="ExpectedEpoch">See <see cref="ILaneGrain.PublishAsync"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.publish-request")]
public readonly record struct PublishRequest(
    [property: Id(0)] SignalBatch Batch,
    [property: Id(1)] Guid ExpectedEpoch);

/// <summary>A publisher's answer.</summary>
/// <param name="Silo">The silo that answers: its own random id of this run.</param>
/// <param name="Answers">One a request. Null where the lane's grain, on another silo, has not answered: the batch may have been placed, and must be repeated.</param>
[GenerateSerializer, Immutable, Alias("direct.publisher-answer")]
public sealed record PublisherAnswer(
    [property: Id(0)] Guid Silo,
    [property: Id(1)] PublishAnswer?[] Answers);
