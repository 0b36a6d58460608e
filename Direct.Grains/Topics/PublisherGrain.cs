using Orleans.Concurrency;

namespace Direct.Grains.Topics;

/// <inheritdoc cref="IPublisherGrain" />
/// <remarks>One call of a gateway replaces a call for each lane, which was most of the cost of a signal in a silo.</remarks>
[GrainType("direct.publisher"), StatelessWorker(1), Reentrant]
internal sealed class PublisherGrain(SiloPublisher publisher) : Grain, IPublisherGrain
{
    public ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests) => publisher.PublishAsync(requests);
}
