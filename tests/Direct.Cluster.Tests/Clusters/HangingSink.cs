using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Implements a signal sink that a test can make hang: deliveries to it then do not return.</summary>
internal sealed class HangingSink(ISignalSink sink) : ISignalSink, IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);

    public void Hang()
    {
        // A hanging call holds a pool thread, and all gateways of a test share the pool. In production a hanging gateway holds only threads of its own process.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 64), ports);
        _open.Reset();
    }

    public void WakeUp() => _open.Set();

    /// <summary>Blocks until the sink no longer hangs.</summary>
    public void Wait() => _open.Wait(3 * Deadline.Default);

    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        Wait();
        sink.Deliver(signals, deliveries);
    }

    public bool Follows => sink.Follows;

    public StampedDelivery Deliver(in Signal signal, in Stamping stamping, Delivery? first)
    {
        Wait();
        return sink.Deliver(signal, stamping, first);
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => sink.ReadyAsync(topic, cancellationToken);

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }
}
