using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a node's local half: counts the same connections for every signal.</summary>
internal sealed class FakeSink : ISignalSink
{
    private readonly Lock _gate = new();
    private readonly List<string> _taken = [];

    public Delivery Delivery { get; set; } = new(ReceiptStatus.Delivered, 1);

    /// <summary>Completes when there is room.</summary>
    public Task Room { get; set; } = Task.CompletedTask;

    /// <summary>Called before each signal is taken.</summary>
    public Action OnDeliver { get; set; } = static () => { };

    public IReadOnlyList<string> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _taken];
            }
        }
    }

    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        for (var i = 0; i < signals.Length; i++)
        {
            OnDeliver();
            lock (_gate)
            {
                _taken.Add(Encoding.UTF8.GetString(signals[i].Payload.Span));
            }

            deliveries[i] = Delivery;
        }
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => new(Room);
}
