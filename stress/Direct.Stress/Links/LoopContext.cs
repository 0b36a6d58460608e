using System.Collections.Concurrent;

namespace Direct.Stress.Links;

/// <summary>Continues awaited calls on the one thread of a loop, so that no lock is needed.</summary>
internal sealed class LoopContext : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("the loop's thread is the only one that may wait");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs the continuations that are queued, or waits for one. Continuations that are queued meanwhile run in the next call.</summary>
    public void Run(TimeSpan timeout)
    {
        if (!_queue.TryTake(out var next, timeout))
        {
            return;
        }

        var more = _queue.Count;
        next.Callback(next.State);
        for (; more > 0 && _queue.TryTake(out next); more--)
        {
            next.Callback(next.State);
        }
    }

    public void Dispose() => _queue.Dispose();
}
