namespace Direct.Edge.Timing;

/// <summary>
/// Counts objects that are added and removed on many threads, and completes a task when none is left, so that no caller has to poll.
/// </summary>
internal sealed class LiveCount
{
    private readonly Lock _gate = new();
    private int _value;
    private TaskCompletionSource? _zero; // guarded by the gate; not null while a caller waits

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
            // Another one may have been added since. Then the task waits for that one too, because the next decrement to zero comes here as well.
            if (Value == 0)
            {
                _zero?.SetResult();
                _zero = null;
            }
        }
    }

    /// <summary>
    /// Completes when the count is zero: at once, or by the decrement that makes it zero. The count may have risen again when the caller continues; a
    /// later call returns a new task.
    /// </summary>
    public Task WhenZero()
    {
        // Under the gate the count cannot reach zero unnoticed, because the decrement that makes it zero takes the gate afterwards.
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
