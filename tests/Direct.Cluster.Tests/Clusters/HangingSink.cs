using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>A node's local half that can be made to hang: whoever delivers to it then does not come back.</summary>
internal sealed class HangingSink(ISignalSink sink) : ISignalSink, IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);

    public void Hang() => _open.Reset();

    public void WakeUp() => _open.Set();

    /// <summary>Returns once it does not hang.</summary>
    public void Wait() => _open.Wait(3 * Deadline.Default);

    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        Wait();
        sink.Deliver(signals, deliveries);
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => sink.ReadyAsync(topic, cancellationToken);

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}
