using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Topics;
using Direct.Edge.Watching;

namespace Direct.Edge.Subscriptions;

/// <summary>Delivers signals from a backplane to the local index, and each signal with an id only once.</summary>
internal sealed class TopicFanOut(TopicIndex index, IdempotencyCache memory, WatchRecorder watches) : ISignalSink
{
    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        for (var i = 0; i < signals.Length; i++)
        {
            ref readonly var signal = ref signals[i];
            deliveries[i] = signal.TraceParent is null ? Take(signal) : TakeTraced(signal, signal.TraceParent);
        }

        if (watches.TakesMessages)
        {
            watches.Delivered(signals, deliveries);
        }
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => index.ReadyAsync(topic, cancellationToken);

    private Delivery Take(in Signal signal) => signal.Id is null
        ? new Delivery(ReceiptStatus.Delivered, index.Publish(signal.Topic, signal.Target, signal.Payload.Span))
        : memory.DeliverOnce(signal, index);

    private Delivery TakeTraced(in Signal signal, string parent)
    {
        var span = SignalTrace.StartDelivery(parent);
        var delivery = Take(signal);
        if (span is not null)
        {
            SignalTrace.EndDelivery(span, signal.Topic.KindName, delivery.Connections);
        }

        return delivery;
    }
}
