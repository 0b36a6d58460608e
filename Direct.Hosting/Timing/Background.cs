using System.Collections.Concurrent;

namespace Direct.Timing;

/// <summary>
/// Starts work that its caller does not wait for: in the thread pool, or in the synchronization context of the caller if there is one. Nothing in the
/// product has such a context. A simulation has one, so that it controls the order of everything that happens.
/// </summary>
internal static class Background
{
    /// <summary>Starts asynchronous work, which must not throw.</summary>
    public static void Run(Func<Task> work)
    {
        if (SynchronizationContext.Current is { } context)
        {
            context.Post(static work => _ = ((Func<Task>)work!)(), work);
        }
        else
        {
            _ = Task.Run(work);
        }
    }

    /// <summary>Queues an action, which must not throw. It runs without the execution context of the caller.</summary>
    public static void Post<T>(Action<T> action, T state)
    {
        if (SynchronizationContext.Current is { } context)
        {
            PostTo(context, action, state);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
        }
    }

    /// <summary>Queues a work item, which must not throw.</summary>
    public static void Execute(IThreadPoolWorkItem item)
    {
        if (SynchronizationContext.Current is { } context)
        {
            context.Post(static item => ((IThreadPoolWorkItem)item!).Execute(), item);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
    }

    /// <summary>Does something for each item, in the order of the items and for a few at a time. After an exception it begins no further item in that place, and throws at the end.</summary>
    public static Task ForEachAsync<T>(IReadOnlyCollection<T> items, int atOnce, Func<T, Task> action)
    {
        var waiting = new ConcurrentQueue<T>(items);
        return Task.WhenAll(Enumerable.Range(0, Math.Min(items.Count, atOnce)).Select(async _ =>
        {
            while (waiting.TryDequeue(out var item))
            {
                await action(item);
            }
        }));
    }

    /// <summary>Cancels a source. Its callbacks run in the thread pool, or at once if there is a synchronization context.</summary>
    public static Task CancelAsync(CancellationTokenSource source)
    {
        if (SynchronizationContext.Current is null)
        {
            return source.CancelAsync();
        }

        source.Cancel();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Returns a task that can be combined with others or awaited for a time. That of a completion source would be seen to end in the thread pool then, and not in
    /// the synchronization context of the caller. Without one it is the same task.
    /// </summary>
    public static Task InContext(this Task task) => task.IsCompleted || SynchronizationContext.Current is null ? task : AwaitAsync(task);

    /// <inheritdoc cref="InContext(Task)" />
    public static Task<T> InContext<T>(this Task<T> task) => task.IsCompleted || SynchronizationContext.Current is null ? task : AwaitAsync(task);

    private static async Task AwaitAsync(Task task) => await task;

    private static async Task<T> AwaitAsync<T>(Task<T> task) => await task;

    // A method of its own, because its closure would otherwise be allocated in every call.
    private static void PostTo<T>(SynchronizationContext context, Action<T> action, T state) => context.Post(_ => action(state), null);
}
