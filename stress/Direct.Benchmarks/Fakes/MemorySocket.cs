using Direct.Edge.Connections;

namespace Direct.Benchmarks.Fakes;

/// <summary>Implements a socket that accepts and discards everything, unless it is set to be full or to block the sending thread.</summary>
internal sealed class MemorySocket : ITransportConnection
{
    private long _takenBytes;
    private int _holdsFrom; // the thread that is not blocked; 0: none is blocked
    private bool _isHolding;

    public Connection Connection { get; private set; } = null!;

    /// <summary>Accepts nothing until <see cref="Open"/>.</summary>
    public bool IsFull { get; set; }

    public long TakenBytes => Volatile.Read(ref _takenBytes);

    public void Attach(Connection connection) => Connection = connection;

    public int TrySend(ReadOnlySpan<byte> bytes)
    {
        if (IsFull)
        {
            return 0;
        }

        var wait = default(SpinWait);
        while (Volatile.Read(ref _holdsFrom) is not 0 and var thread && thread != Environment.CurrentManagedThreadId)
        {
            Volatile.Write(ref _isHolding, true);
            wait.SpinOnce(sleep1Threshold: -1);
        }

        Volatile.Write(ref _takenBytes, _takenBytes + bytes.Length); // under the connection's send lock
        return bytes.Length;
    }

    public void Abort()
    {
    }

    /// <summary>Has room again.</summary>
    public void Open()
    {
        IsFull = false;
        Connection.OnWritable();
    }

    /// <summary>Blocks any thread that sends, except the caller's.</summary>
    public void Hold()
    {
        Volatile.Write(ref _isHolding, false);
        Volatile.Write(ref _holdsFrom, Environment.CurrentManagedThreadId);
    }

    /// <summary>Waits until a thread is blocked, or was not blocked because it is the caller's.</summary>
    public void AwaitHolding(long takenBytes)
    {
        var wait = default(SpinWait);
        while (!Volatile.Read(ref _isHolding) && TakenBytes < takenBytes)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    public void Release() => Volatile.Write(ref _holdsFrom, 0);

    /// <summary>Resets the counts.</summary>
    public void Forget() => Volatile.Write(ref _takenBytes, 0);
}
