using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Topics;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a signal sink that reports the same number of connections for every signal.</summary>
internal sealed class FakeSink : ISignalSink
{
    private readonly Lock _gate = new();
    private readonly List<string> _taken = [];

    public Delivery Delivery { get; set; } = new(ReceiptStatus.Delivered, 1);

    /// <summary>Gets or sets a task that completes when the sink has space.</summary>
    public Task Room { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets a callback that runs before each signal is accepted.</summary>
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

    public bool Follows { get; set; }

    /// <summary>Gets or sets the result of each signal on a keeper, by what the original dialect got before.</summary>
    public Func<Delivery?, StampedDelivery> OnStamped { get; set; } = static first => new StampedDelivery(first ?? new Delivery(ReceiptStatus.Delivered, 1), 0, null);

    public StampedDelivery Deliver(in Signal signal, in Stamping stamping, Delivery? first)
    {
        lock (_gate)
        {
            _taken.Add($"{signal.Topic} {Encoding.UTF8.GetString(signal.Payload.Span)} {stamping.Stamp.Offset} {(first is null ? "new" : "repeat")}");
        }

        return OnStamped(first);
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => new(Room);
}
