using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>Delivers signals to this gateway's connections, for every backplane.</summary>
public interface ISignalSink
{
    /// <summary>Queues each signal for the connections that match it. It returns when all are queued and never waits for a socket.</summary>
    /// <param name="signals">The signals, in the order of their topics.</param>
    /// <param name="deliveries">Receives one result for each signal.</param>
    void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries);

    /// <summary>Completes when the members of <paramref name="topic"/> on this gateway have room for more.</summary>
    ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken);
}

/// <summary>Represents the result of one signal on one gateway.</summary>
/// <param name="Status">Whether the gateway accepted the signal.</param>
/// <param name="Connections">The number of connections that received it; for a repeat, the number of the first delivery.</param>
public readonly record struct Delivery(ReceiptStatus Status, int Connections);
