using Direct.Timing;

namespace Direct.Edge.Topics;

/// <summary>
/// Schedules the drainers of topics, which run in slices. A thread that reads sockets has its own queue and runs the slices itself, after it has read
/// all input. No other thread is woken for a message, and messages that arrive together are sent together. Slices of other threads run on the thread
/// pool.
/// </summary>
internal sealed class DrainScheduler
{
    /// <summary>Specifies the number of slices in a round.</summary>
    public const int MaxSlices = 64;

    [ThreadStatic]
    private static DrainScheduler? _ofThisThread;

    private readonly Queue<IThreadPoolWorkItem> _waiting = new();

    private DrainScheduler()
    {
    }

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Gets whether this thread runs slices.</summary>
    public static bool IsLoopThread => _ofThisThread is not null;

    /// <summary>
    /// Yields a thread that reads sockets, so that the caller continues on another one. It must be awaited before work that takes more than a few
    /// microseconds.
    /// </summary>
    public static async ValueTask YieldToThreadPoolAsync()
    {
        if (IsLoopThread)
        {
            await Task.Yield();
        }
    }

    /// <summary>Makes this thread run the slices of the drainers that are started on it from now on.</summary>
    public static DrainScheduler ForThisThread() => _ofThisThread ??= new DrainScheduler();

    /// <summary>Schedules a slice of <paramref name="drainer"/>.</summary>
    public static void Add(IThreadPoolWorkItem drainer)
    {
        if (_ofThisThread is { } queue)
        {
            queue._waiting.Enqueue(drainer);
        }
        else
        {
            Background.Execute(drainer);
        }
    }

    /// <summary>
    /// Runs one slice of each waiting drainer, up to <see cref="MaxSlices"/> of them. A drainer that is not finished, or had no slice, waits for the
    /// next round. Between two rounds the thread reads input, however many topics are busy.
    /// </summary>
    public void Run()
    {
        for (var slices = Math.Min(_waiting.Count, MaxSlices); slices > 0; slices--)
        {
            _waiting.Dequeue().Execute();
        }
    }
}
