using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>Delivers signals to this gateway's connections, for every backplane.</summary>
public interface ISignalSink
{
    /// <summary>
    /// Takes each signal into the queues of the connections that match it, before it returns and without ever waiting for a socket.
    /// </summary>
    /// <param name="signals">In the order of their topics.</param>
    /// <param name="deliveries">One for each signal.</param>
    void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries);

    /// <summary>Completes when what waits for the members of <paramref name="topic"/> here has room for more.</summary>
    ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken);
}

/// <summary>The result of one signal on one gateway.</summary>
/// <param name="Status">Whether it took it.</param>
/// <param name="Connections">The number of connections that took it; for a repeat, the number of the first time.</param>
public readonly record struct Delivery(ReceiptStatus Status, int Connections);
