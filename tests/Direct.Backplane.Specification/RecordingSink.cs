using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Backplane.Specification;

/// <summary>
/// Implements one gateway's receiving end. It counts as many connections in a topic as the test says, remembers ids as
/// <see cref="ISignalSink"/> promises, and keeps what it took.
/// </summary>
public sealed class RecordingSink : ISignalSink
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedSignal> _taken = [];
    private readonly Dictionary<string, (ReceivedSignal Signal, int Connections)> _remembered = [];
    private readonly ConcurrentDictionary<Topic, int> _connections = new();

    /// <summary>Gets or sets how many signals with an id it can remember.</summary>
    public int MaxRememberedIds { get; set; } = int.MaxValue;

    /// <summary>Gets what it took for its connections, repeats and refused signals left out, in order.</summary>
    public IReadOnlyList<ReceivedSignal> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _taken];
            }
        }
    }

    /// <summary>Says how many connections of this gateway are in a topic.</summary>
    public void Hold(Topic topic, int connections) => _connections[topic] = connections;

    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        lock (_gate)
        {
            for (var i = 0; i < signals.Length; i++)
            {
                deliveries[i] = Take(ReceivedSignal.Of(signals[i]));
            }
        }
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => default;

    // A gateway that nobody in the topic is on may be handed the signal all the same; it has nobody to give it to.
    private Delivery Take(ReceivedSignal signal)
    {
        var connections = _connections.GetValueOrDefault(signal.Topic);
        if (signal.Id is { } id)
        {
            if (_remembered.TryGetValue(id, out var known))
            {
                return known.Signal == signal
                    ? new Delivery(ReceiptStatus.Delivered, known.Connections)
                    : new Delivery(ReceiptStatus.IdReused, 0);
            }

            if (_remembered.Count >= MaxRememberedIds)
            {
                return new Delivery(ReceiptStatus.IdsExhausted, 0);
            }

            _remembered.Add(id, (signal, connections));
        }

        if (connections > 0)
        {
            _taken.Add(signal);
        }

        return new Delivery(ReceiptStatus.Delivered, connections);
    }
}
