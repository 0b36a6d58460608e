namespace Direct.Memory;

/// <summary>
/// Counts what waits in all queues of this process, and compares it with what may wait. Whoever holds data counts its buffers, when they
/// grow and when they are given back: nothing is counted for a message that does not wait.
/// </summary>
/// <remarks>
/// The order in which load is shed, and its marks in parts of the budget: from 3/4 on slow readers are closed, the slowest first, until
/// 1/2 is left or they hold no more than 1/8; past 4/4 nothing new is taken; past 9/8 a connection that would wait is closed
/// at once. What has been accepted is kept.
/// </remarks>
internal sealed class QueueBudget : IDisposable
{
    private readonly IMemoryWatch _watch;
    private readonly ManualResetEventSlim _isHigh = new(false, spinCount: 0);
    private TaskCompletionSource? _room;
    private long _closedReaders;
    private long _refusedSignals;

    /// <param name="bytes">The budget.</param>
    /// <param name="watch">The rest of the memory of the process.</param>
    public QueueBudget(long bytes, IMemoryWatch watch)
    {
        (Bytes, _watch) = (bytes, watch);
        Accounts = [Connections = new(this, "connections"), Topics = new(this, "topics"), Lanes = new(this, "lanes"), Links = new(this, "links"), Requests = new(this, "requests")];
    }

    /// <summary>How many bytes may wait.</summary>
    public long Bytes { get; }

    /// <summary>What waits for connections.</summary>
    public QueueAccount Connections { get; }

    /// <summary>What waits in topics.</summary>
    public QueueAccount Topics { get; }

    /// <summary>What a gateway keeps for silos and other gateways.</summary>
    public QueueAccount Lanes { get; }

    /// <summary>What a silo keeps for gateways.</summary>
    public QueueAccount Links { get; }

    /// <summary>The bodies of requests that are read or answered.</summary>
    public QueueAccount Requests { get; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<QueueAccount> Accounts { get; }

    /// <summary>How many bytes wait.</summary>
    public long Used => Connections.Bytes + Topics.Bytes + Lanes.Bytes + Links.Bytes + Requests.Bytes;

    /// <summary>How near the queues, or the process as a whole, are to the end of their memory.</summary>
    public MemoryPressure Pressure => Used switch
    {
        var used when used >= Bytes => MemoryPressure.Exhausted,
        var used when used >= Bytes / 4 * 3 && _watch.Pressure is MemoryPressure.None => MemoryPressure.High,
        _ => _watch.Pressure,
    };

    /// <summary>Whether slow readers are to be closed.</summary>
    public bool MustShed => Pressure is not MemoryPressure.None && Connections.Bytes > Bytes / 8;

    /// <summary>Whether enough of them have been.</summary>
    public bool IsRelieved => Connections.Bytes <= Bytes / 8 || (Used <= Bytes / 2 && _watch.Pressure is MemoryPressure.None);

    /// <summary>Whether not even what has been accepted may wait for a connection.</summary>
    public bool IsExceeded => Used >= Bytes + (Bytes / 8);

    /// <summary>Whether not even a call that has come in may have more.</summary>
    public bool IsUsedUp => IsExceeded || _watch.Pressure is MemoryPressure.Exhausted;

    /// <summary>Connections closed as slow because of the budget.</summary>
    public long ClosedReaders => Interlocked.Read(ref _closedReaders);

    /// <summary>Signals refused because of it.</summary>
    public long RefusedSignals => Interlocked.Read(ref _refusedSignals);

    public static QueueBudget Of(MemoryOptions options, ProcessMemory memory, IMemoryWatch watch) =>
        new(options.QueueBytes > 0 ? options.QueueBytes : memory.Available / 4, watch);

    public void ReaderClosed() => Interlocked.Increment(ref _closedReaders);

    public void SignalRefused() => Interlocked.Increment(ref _refusedSignals);

    /// <summary>Waits until slow readers may have to be closed, or for <paramref name="longest"/>.</summary>
    public void WaitUntilHigh(TimeSpan longest)
    {
        _isHigh.Wait(longest);
        _isHigh.Reset();
    }

    /// <summary>Completes when more may be taken, or when <see cref="LetOn"/> says that it has waited for long enough.</summary>
    public ValueTask ReadyAsync()
    {
        if (Pressure is not MemoryPressure.Exhausted)
        {
            return default;
        }

        if (Volatile.Read(ref _room) is { } room)
        {
            return new ValueTask(room.Task);
        }

        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new ValueTask((Interlocked.CompareExchange(ref _room, mine, null) ?? mine).Task);
    }

    /// <summary>Ends the wait of whoever waits.</summary>
    public void LetOn() => Interlocked.Exchange(ref _room, null)?.SetResult();

    /// <summary>More waits than before.</summary>
    public void Grown()
    {
        if (!_isHigh.IsSet && Used >= Bytes / 4 * 3)
        {
            _isHigh.Set();
        }
    }

    public void Dispose() => _isHigh.Dispose();
}

/// <summary>One kind of what waits.</summary>
/// <param name="budget">What it counts for.</param>
/// <param name="name">What it is called in metrics.</param>
internal sealed class QueueAccount(QueueBudget budget, string name)
{
    private long _bytes;

    public string Name => name;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>So many bytes more wait, or fewer.</summary>
    public void Add(long bytes)
    {
        if (bytes != 0)
        {
            Interlocked.Add(ref _bytes, bytes);
        }

        if (bytes > 0)
        {
            budget.Grown();
        }
    }
}
