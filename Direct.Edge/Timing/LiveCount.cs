namespace Direct.Edge.Timing;

/// <summary>Counts what comes and goes on many threads, and completes a task when nothing is left, so that nobody has to poll.</summary>
internal sealed class LiveCount
{
    private readonly Lock _gate = new();
    private int _value;
    private TaskCompletionSource? _zero; // guarded by the gate; there while somebody waits

    /// <summary>Gets the count.</summary>
    public int Value => Volatile.Read(ref _value);

    /// <summary>Adds one.</summary>
    public void Increment() => Interlocked.Increment(ref _value);

    /// <summary>Removes one. Takes a lock only if it was the last.</summary>
    public void Decrement()
    {
        if (Interlocked.Decrement(ref _value) > 0)
        {
            return;
        }

        lock (_gate)
        {
            // Another one may have been added since. Then the task waits for that one too: the next decrement to zero comes here as well.
            if (Value == 0)
            {
                _zero?.SetResult();
                _zero = null;
            }
        }
    }

    /// <summary>
    /// Completes when nothing is left: at once, or by the decrement that makes it so. Something may have come by the time the caller goes
    /// on; a call after that returns a new task.
    /// </summary>
    public Task WhenZero()
    {
        // Under the gate the count cannot get to zero unnoticed: the decrement that makes it so comes for the gate afterwards.
        lock (_gate)
        {
            if (Value == 0)
            {
                return Task.CompletedTask;
            }

            _zero ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _zero.Task;
        }
    }
}
