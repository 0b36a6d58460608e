namespace Direct.Telemetry.Logging;

/// <summary>
/// Writes messages on a separate thread, so that no caller waits for the reader of a pipe. Messages that do not fit are dropped and counted.
/// </summary>
/// <remarks>
/// After a message was dropped, all further ones are dropped until every waiting message has been written. The log then has one gap, whose size is
/// known at its end.
/// </remarks>
internal sealed class LogQueue(TextWriter output, int maxWaitingChars)
{
    private readonly Queue<string> _waiting = new();
    private Thread? _thread;
    private int _waitingChars;
    private bool _isDropping;
    private long _droppedNow;
    private long _dropped;

    /// <summary>Gets or sets the action that is called with the number of dropped messages, when others can be written again.</summary>
    public Action<long>? GapEnded { get; set; }

    /// <summary>Gets the number of messages dropped since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(string message)
    {
        lock (_waiting)
        {
            if (_isDropping || _waitingChars + message.Length > maxWaitingChars)
            {
                _isDropping = true;
                _droppedNow++;
                Interlocked.Increment(ref _dropped);
                return;
            }

            _thread ??= StartThread();
            _waiting.Enqueue(message);
            _waitingChars += message.Length;
            Monitor.PulseAll(_waiting);
        }
    }

    /// <summary>Waits until everything is written, and no longer than <paramref name="limit"/>.</summary>
    public void Drain(TimeSpan limit)
    {
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_waiting)
        {
            while (_waitingChars > 0 && deadline - Environment.TickCount64 is > 0 and var left)
            {
                Monitor.Wait(_waiting, (int)left);
            }
        }
    }

    // A background thread, so that one that is blocked in a write does not keep the process alive.
    private Thread StartThread()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "Direct log" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        while (true)
        {
            if (TakeOrEndGap() is { } message)
            {
                Write(message);
            }
        }
    }

    private string? TakeOrEndGap()
    {
        long dropped;
        lock (_waiting)
        {
            while (_waiting.Count == 0 && !_isDropping)
            {
                Monitor.Wait(_waiting);
            }

            if (_waiting.TryDequeue(out var message))
            {
                return message;
            }

            dropped = _droppedNow;
            (_isDropping, _droppedNow) = (false, 0);
        }

        GapEnded?.Invoke(dropped); // outside the lock, because it logs and therefore calls this class
        return null;
    }

    private void Write(string message)
    {
        try
        {
            output.Write(message);
        }
        catch (IOException)
        {
            Interlocked.Increment(ref _dropped); // for example on a full disk
        }

        lock (_waiting)
        {
            _waitingChars -= message.Length; // only now, so that Drain waits for the last message too
            Monitor.PulseAll(_waiting);
        }
    }
}
