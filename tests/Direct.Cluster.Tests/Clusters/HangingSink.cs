using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Implements a node's local half that can be made to hang: a delivery to it then does not return.</summary>
internal sealed class HangingSink(ISignalSink sink) : ISignalSink, IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);

    public void Hang()
    {
        // A call that hangs here holds a thread of the pool, which the gateways of a test share; a gateway that hangs in a separate process
        // takes nobody else's.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, 64), ports);
        _open.Reset();
    }

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
