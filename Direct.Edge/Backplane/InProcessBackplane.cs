using Direct.Edge.Node;
using Direct.Edge.Topics;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Backplane;

/// <summary>Implements the backplane of a single node: it delivers each signal at once, on this node.</summary>
internal sealed class InProcessBackplane(ISignalSink sink, IPresenceHandler presenceHandler, IOptions<EndpointOptions> endpoints) : IBackplane
{
    public string Name { get; } = $"{Environment.MachineName}:{endpoints.Value.Port}";

    public bool NeedsSubscriptions => false;

    public ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken) => default;

    public ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken) => default;

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => sink.ReadyAsync(topic, cancellationToken);

    public PublishResult Publish(in Signal signal)
    {
        Delivery delivery = default;
        sink.Deliver(new ReadOnlySpan<Signal>(in signal), new Span<Delivery>(ref delivery));
        return new PublishResult(new Receipt(delivery.Status, delivery.Connections, delivery.Connections > 0 ? 1 : 0, delivery.IsKept));
    }

    public ValueTask<ClusterAnswer> QueryAsync(ClusterQuery query, CancellationToken cancellationToken) =>
        new(new ClusterAnswer(QueryStatus.Answered, [new NamedResponse(Name, presenceHandler.Answer(query))], []));
}
