namespace Direct.Edge.Topics;

/// <summary>
/// Where the drainers of topics get their turns. A thread that reads sockets keeps a queue of its own and gives the turns itself, when it
/// has read all there is: no other thread is woken for a message, and what came together leaves together. Everybody else's go to the
/// thread pool.
/// </summary>
internal sealed class TurnQueue
{
    /// <summary>How many turns there are in a round.</summary>
    public const int MostTurns = 64;

    [ThreadStatic]
    private static TurnQueue? _ofThisThread;

    private readonly Queue<IThreadPoolWorkItem> _waiting = new();

    private TurnQueue()
    {
    }

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Whether this thread gives turns.</summary>
    public static bool IsKeptHere => _ofThisThread is not null;

    /// <summary>
    /// Whoever has more to do than a few microseconds' work awaits this first: where the thread reads sockets, he goes on in another.
    /// </summary>
    public static async ValueTask LeaveThreadAsync()
    {
        if (IsKeptHere)
        {
            await Task.Yield();
        }
    }

    /// <summary>Makes this thread give the turns of what is published on it from now on.</summary>
    public static TurnQueue ForThisThread() => _ofThisThread ??= new TurnQueue();

    /// <summary>Asks for a turn.</summary>
    public static void Add(IThreadPoolWorkItem drainer)
    {
        if (_ofThisThread is { } queue)
        {
            queue._waiting.Enqueue(drainer);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(drainer, preferLocal: false);
        }
    }

    /// <summary>
    /// Gives those who wait now one turn each, the first <see cref="MostTurns"/> of them. Who is not done by then, or had none, waits again:
    /// between two rounds the thread looks for input, however many topics are busy.
    /// </summary>
    public void Run()
    {
        for (var turns = Math.Min(_waiting.Count, MostTurns); turns > 0; turns--)
        {
            _waiting.Dequeue().Execute();
        }
    }
}
