namespace Direct.Timing;

/// <summary>Waits for a task that may take too long.</summary>
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
                await InContextAsync(task).WaitAsync(timeout, timeProvider)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }

        return task.IsCompleted;
    }

    // WaitAsync itself would see the end of some tasks in the thread pool, and not in the synchronization context. See Background.
    private static async Task InContextAsync(Task task) => await task;
}
