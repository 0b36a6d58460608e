using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Backplane.Specification;

/// <summary>
/// Implements a signal sink that records signals. The test sets the number of connections in each topic. The sink recognizes repeated ids as <see
/// cref="ISignalSink"/> requires.
/// </summary>
public sealed class RecordingSink : ISignalSink
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedSignal> _taken = [];
    private readonly Dictionary<string, (ReceivedSignal Signal, int Connections)> _remembered = [];
    private readonly ConcurrentDictionary<Topic, int> _connections = new();

    /// <summary>Gets or sets how many ids of signals it can remember.</summary>
    public int MaxRememberedIds { get; set; } = int.MaxValue;

    /// <summary>Gets the signals delivered to connections in order, without repeats and refused signals.</summary>
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

    /// <summary>Sets the number of connections of this gateway in a topic.</summary>
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

    // A gateway without connections in the topic may still receive the signal; it then delivers it to none.
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
