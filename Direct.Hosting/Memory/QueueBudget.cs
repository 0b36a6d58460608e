namespace Direct.Memory;

/// <summary>
/// Counts the bytes in all queues of this process, and compares them with the budget. The owner of a queue counts its buffers when they
/// grow and when they are returned: nothing is counted for a message that does not wait.
/// </summary>
/// <remarks>
/// Load is shed in this order, at these parts of the budget: above 3/4, slow readers are closed, the slowest first, until 1/2 is left or
/// they hold no more than 1/8; above 4/4, nothing new is accepted; above 9/8, a connection that would have to queue is closed at once.
/// Everything that was accepted is kept.
/// </remarks>
internal sealed class QueueBudget : IDisposable
{
    private readonly IMemoryWatch _watch;
    private readonly ManualResetEventSlim _isHigh = new(false, spinCount: 0);
    private TaskCompletionSource? _room;
    private long _closedReaders;
    private long _refusedSignals;

    /// <param name="bytes">The budget.</param>
    /// <param name="watch">The watch over all memory of the process.</param>
    public QueueBudget(long bytes, IMemoryWatch watch)
    {
        (Bytes, _watch) = (bytes, watch);
        Accounts = [Connections = new(this, "connections"), Topics = new(this, "topics"), Lanes = new(this, "lanes"), Links = new(this, "links"), Requests = new(this, "requests")];
    }

    /// <summary>Gets the budget, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>Gets the bytes queued for connections.</summary>
    public QueueAccount Connections { get; }

    /// <summary>Gets the bytes queued in topics.</summary>
    public QueueAccount Topics { get; }

    /// <summary>Gets the bytes that a gateway keeps for silos and other gateways.</summary>
    public QueueAccount Lanes { get; }

    /// <summary>Gets the bytes that a silo keeps for gateways.</summary>
    public QueueAccount Links { get; }

    /// <summary>Gets the bodies of requests that are read or answered, and the messages that clients of <c>direct.2</c> are sending.</summary>
    public QueueAccount Requests { get; }

    /// <summary>Gets all queues.</summary>
    public IReadOnlyList<QueueAccount> Accounts { get; }

    /// <summary>Gets the bytes in all queues.</summary>
    public long Used => Connections.Bytes + Topics.Bytes + Lanes.Bytes + Links.Bytes + Requests.Bytes;

    /// <summary>Gets how close the queues, or the whole process, are to running out of memory.</summary>
    public MemoryPressure Pressure => Used switch
    {
        var used when used >= Bytes => MemoryPressure.Exhausted,
        var used when used >= Bytes / 4 * 3 && _watch.Pressure is MemoryPressure.None => MemoryPressure.High,
        _ => _watch.Pressure,
    };

    /// <summary>Gets whether slow readers must be closed.</summary>
    public bool MustShed => Pressure is not MemoryPressure.None && Connections.Bytes > Bytes / 8;

    /// <summary>Gets whether enough slow readers have been closed.</summary>
    public bool IsRelieved => Connections.Bytes <= Bytes / 8 || (Used <= Bytes / 2 && _watch.Pressure is MemoryPressure.None);

    /// <summary>Gets whether even accepted messages may no longer be queued for a connection.</summary>
    public bool IsExceeded => Used >= Bytes + (Bytes / 8);

    /// <summary>Gets whether even a call that was admitted may use no more memory.</summary>
    public bool IsUsedUp => IsExceeded || _watch.Pressure is MemoryPressure.Exhausted;

    /// <summary>Gets the number of connections that were closed as slow because of the budget.</summary>
    public long ClosedReaders => Interlocked.Read(ref _closedReaders);

    /// <summary>Gets the number of signals that were refused because of the budget.</summary>
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

    /// <summary>Completes when more may be accepted, or when <see cref="LetOn"/> ends the wait.</summary>
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

    /// <summary>Ends all waits.</summary>
    public void LetOn() => Interlocked.Exchange(ref _room, null)?.SetResult();

    /// <summary>Records that the queues have grown.</summary>
    public void Grown()
    {
        if (!_isHigh.IsSet && Used >= Bytes / 4 * 3)
        {
            _isHigh.Set();
        }
    }

    public void Dispose() => _isHigh.Dispose();
}

/// <summary>Counts the bytes in one kind of queue.</summary>
/// <param name="budget">The budget that the account counts towards.</param>
/// <param name="name">The name of the account in metrics.</param>
internal sealed class QueueAccount(QueueBudget budget, string name)
{
    private long _bytes;

    public string Name => name;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Adds to the bytes that wait. A negative number removes some.</summary>
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
