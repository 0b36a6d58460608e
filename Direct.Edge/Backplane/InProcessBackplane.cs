using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>The backplane of a node that is alone: what is published is delivered here, at once.</summary>
internal sealed class InProcessBackplane(ISignalSink sink) : IBackplane
{
    public bool NeedsSubscriptions => false;

    public ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken) => default;

    public ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken) => default;

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => sink.ReadyAsync(topic, cancellationToken);

    public Placement Publish(in Signal signal)
    {
        Delivery delivery = default;
        sink.Deliver(new ReadOnlySpan<Signal>(in signal), new Span<Delivery>(ref delivery));
        return new Placement(new Receipt(delivery.Status, delivery.Connections, delivery.Connections > 0 ? 1 : 0));
    }
}
