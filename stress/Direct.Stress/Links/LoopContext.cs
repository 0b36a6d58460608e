using System.Collections.Concurrent;

namespace Direct.Stress.Links;

/// <summary>Brings what was awaited back to the one thread of a loop, so that nothing there needs a lock.</summary>
internal sealed class LoopContext : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("the loop's thread is the only one that may wait");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>
    /// Runs what is there, or waits for something. As much as was there at the start: what comes meanwhile has its next turn.
    /// </summary>
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
