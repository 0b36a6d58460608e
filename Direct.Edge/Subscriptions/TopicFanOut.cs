using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Keeping;
using Direct.Edge.Topics;
using Direct.Edge.Watching;

namespace Direct.Edge.Subscriptions;

/// <summary>Delivers signals from a backplane to the local index, and each signal with an id only once.</summary>
internal sealed class TopicFanOut(KeptTopics topics, TopicIndex index, IdempotencyCache memory, WatchRecorder watches) : ISignalSink
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

    public bool Follows => topics.Follows;

    public StampedDelivery Deliver(in Signal signal, in Stamping stamping, Delivery? first)
    {
        var span = signal.TraceParent is null || first is not null ? null : SignalTrace.StartDelivery(signal.TraceParent);
        var delivery = Take(signal, stamping, first);
        var total = delivery.Total;
        if (span is not null)
        {
            SignalTrace.EndDelivery(span, signal.Topic.KindName, total.Connections);
        }

        if (first is null && watches.TakesMessages)
        {
            watches.Delivered(new ReadOnlySpan<Signal>(in signal), new ReadOnlySpan<Delivery>(in total));
        }

        return delivery;
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => index.ReadyAsync(topic, cancellationToken);

    private Delivery Take(in Signal signal) => signal.Id is null
        ? Delivery.Of(topics.Publish(signal.Topic, signal.Target, signal.Payload.Span))
        : memory.DeliverOnce(signal, topics);

    private StampedDelivery Take(in Signal signal, in Stamping stamping, Delivery? first)
    {
        if (first is null && signal.Id is not null)
        {
            return memory.DeliverOnce(signal, stamping, topics);
        }

        var share = first is { } known ? new OriginalShare(known.Connections, known.Status is ReceiptStatus.IdReused) : OriginalShare.Now;
        return new StampedDelivery(first?.Status ?? ReceiptStatus.Delivered, topics.Deliver(signal.Topic, signal.Target, signal.Payload.Span, stamping, share));
    }

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
