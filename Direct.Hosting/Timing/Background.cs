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

    // A method of its own, because its closure would otherwise be allocated in every call.
    private static void PostTo<T>(SynchronizationContext context, Action<T> action, T state) => context.Post(_ => action(state), null);
}
