namespace Direct.Timing;

/// <summary>Waits without exceptions, for a task that may take too long, or for a time.</summary>
internal static class TaskWait
{
    /// <summary>Waits until a task has ended, however it ended, or <paramref name="timeout"/> is over. Returns whether it has ended.</summary>
    public static async ValueTask<bool> TryWaitAsync(this Task task, TimeSpan timeout, TimeProvider timeProvider)
    {
        if (!task.IsCompleted && timeout > TimeSpan.Zero)
        {
            // No exception is thrown, because a timeout could not be distinguished from one of the task itself.
            if (SynchronizationContext.Current is null)
            {
                await task.WaitAsync(timeout, timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else
            {
                await task.InContext().WaitAsync(timeout, timeProvider)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }

        return task.IsCompleted;
    }

    /// <summary>Waits for a time. Returns false if it was ended before.</summary>
    public static async Task<bool> TryDelayAsync(this TimeProvider timeProvider, TimeSpan time, CancellationToken ended)
    {
        await Task.Delay(time, timeProvider, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return !ended.IsCancellationRequested;
    }
}
