namespace Direct.Grains.Topics;

/// <summary>
/// Publishes the batches of many lanes in one call. Every silo runs a worker for each key. It publishes the batches of lanes on its own silo without
/// a further call, and forwards the others to the grains of their lanes.
/// </summary>
/// <remarks>
/// All calls of a gateway with the same key reach the same silo while the connection to it lasts. The answers contain that silo, and the silo that
/// hosts each lane. Both are hints: a batch reaches its lane through any publisher.
/// </remarks>
[Alias("direct.publisher")]
public interface IPublisherGrain : IGrainWithIntegerKey
{
    /// <summary>Publishes batches of different lanes, each in the same way as <see cref="ILaneGrain.PublishAsync"/>.</summary>
    /// <param name="requests">At most one for each lane: the order between requests is undefined.</param>
    [Alias("publish"), ResponseTimeout("00:00:01")]
    ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests);
}

/// <summary>Represents one batch in a call to a publisher.</summary>
/// <param name="Batch">See <see cref="ILaneGrain.PublishAsync"/>.</param>
/// <param name="ExpectedEpoch">See <see cref="ILaneGrain.PublishAsync"/>.</param>
[GenerateSerializer, Immutable, Alias("direct.publish-request")]
public readonly record struct PublishRequest(
    [property: Id(0)] SignalBatch Batch,
    [property: Id(1)] Guid ExpectedEpoch);

/// <summary>Represents a publisher's answer.</summary>
/// <param name="Silo">The silo that answers, by the random id of its current run.</param>
/// <param name="Answers">One for each request. Null if the lane is on another silo whose grain has not answered: the batch may have been accepted, and must be repeated.</param>
[GenerateSerializer, Immutable, Alias("direct.publisher-answer")]
public sealed record PublisherAnswer(
    [property: Id(0)] Guid Silo,
    [property: Id(1)] PublishAnswer?[] Answers);
