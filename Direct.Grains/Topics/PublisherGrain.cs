using Direct.Grains.Links;
using Orleans.Concurrency;

namespace Direct.Grains.Topics;

/// <inheritdoc cref="IPublisherGrain" />
/// <remarks>One call of a gateway replaces a call for each lane, which was most of the cost of a signal in a silo.</remarks>
[GrainType("direct.publisher"), StatelessWorker(1), Reentrant]
internal sealed class PublisherGrain(SiloPublisher publisher, ILiveGateways gateways) : Grain, IPublisherGrain, IIncomingGrainCallFilter
{
    public ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests) => publisher.PublishAsync(requests);

    // A worker is on the silo that the client is connected to.
    Task IIncomingGrainCallFilter.Invoke(IIncomingGrainCallContext context)
    {
        if (context.SourceId is { } client)
        {
            gateways.CalledBy(client, TaskScheduler.Current);
        }

        return context.Invoke();
    }
}
