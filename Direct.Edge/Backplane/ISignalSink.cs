using Direct.Edge.Keeping;
using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>Delivers signals to this gateway's connections, for every backplane.</summary>
public interface ISignalSink
{
    /// <summary>Queues each signal for the connections that match it. It returns when all are queued and never waits for a socket.</summary>
    /// <param name="signals">The signals, in the order of their topics.</param>
    /// <param name="deliveries">Receives one result for each signal.</param>
    void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries);

    /// <summary>Gets whether this gateway is a keeper, so that signals go to the method below.</summary>
    internal bool Follows => false;

    /// <summary>Queues a signal for the connections that match it, and keeps it if its topic is kept here.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="stamping">What the silo says of it.</param>
    /// <param name="first">What the original dialect got of it before, if this is a repeat; otherwise null.</param>
    internal StampedDelivery Deliver(in Signal signal, in Stamping stamping, Delivery? first) => throw new NotSupportedException();

    /// <summary>Completes when the members of <paramref name="topic"/> on this gateway have room for more.</summary>
    ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken);
}

/// <summary>Represents the result of one signal on one gateway.</summary>
/// <param name="Status">Whether the gateway accepted the signal.</param>
/// <param name="Connections">The number of connections that received it; for a repeat, the number of the first delivery.</param>
/// <param name="IsKept">Whether it is kept for clients that come back.</param>
public readonly record struct Delivery(ReceiptStatus Status, int Connections, bool IsKept = false)
{
    internal static Delivery Of(Publication publication) => new(ReceiptStatus.Delivered, publication.Connections, publication.IsKept);
}
