using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Models;

/// <summary>
/// Runs asynchronous code in one thread, and repeatably: of the work that is ready, the random generator picks the next. The clock moves to its next
/// timer when no work is ready.
/// </summary>
internal sealed class SeededScheduler(Random random, ManualTimeProvider time) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _escaped;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            _ready.Add((d, state));
        }
        else
        {
            _escaped ??= Environment.StackTrace; // an exception would end the process
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("nothing may block");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs until the task of <paramref name="main"/> has ended. Throws its exception, or one if the task has not ended after <paramref name="limit"/>.</summary>
    public void Run(Func<Task> main, TimeSpan limit)
    {
        var before = Current;
        var startedAt = time.GetTimestamp();
        try
        {
            SetSynchronizationContext(this);
            var task = main();
            while (!task.IsCompleted)
            {
                Step();
                if (_escaped is { } stack)
                {
                    throw new InvalidOperationException($"Some work has left the simulation for the thread pool:\n{stack}");
                }

                if (time.GetElapsedTime(startedAt) > limit)
                {
                    throw new TimeoutException($"the run has not ended after {limit}");
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private void Step()
    {
        if (_ready.Count > 0)
        {
            var at = random.Next(_ready.Count);
            var (callback, state) = _ready[at];
            _ready[at] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            callback(state);
            return;
        }

        // Without the context, what continues after a timer becomes ready. With it, it would run at once.
        SetSynchronizationContext(null);
        if (!time.TryAdvanceToNextTimer())
        {
            throw new InvalidOperationException("nothing is ready, and no timer is armed");
        }

        SetSynchronizationContext(this);
    }
}
