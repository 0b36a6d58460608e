using Direct.Edge.Protocol;

namespace Direct.Edge.Connections;

/// <summary>
/// Decides what is due on an open connection: a ping, or its end because no token arrived or nothing was received. The deadline of a
/// close is kept by <see cref="OutboundChannel"/>.
/// </summary>
/// <remarks>The receiving thread writes the time at which it received something; only the wheel's thread uses everything else. All times are the wheel's.</remarks>
internal struct ConnectionDeadlines(ConnectionOptions options, long nowMs)
{
    private long _heardMs = nowMs;
    private long _pingDueMs = nowMs + (long)options.PingInterval.TotalMilliseconds;

    /// <summary>Gets the time at which the connection was opened.</summary>
    public readonly long OpenedMs { get; } = nowMs;

    /// <summary>Records that the client has sent something.</summary>
    public void OnInput(long nowMs) => Volatile.Write(ref _heardMs, nowMs);

    /// <summary>Returns why the connection must close now, or null.</summary>
    public readonly CloseReason? Missed(ConnectionOptions options, long nowMs, bool isIdentified) =>
        nowMs >= TokenDueMs(options, isIdentified) ? CloseReason.TokenTimeout
        : nowMs >= ReadDueMs(options) ? CloseReason.KeepAliveTimeout
        : null;

    /// <summary>Returns whether a ping is due now; the next one is due an interval later.</summary>
    public bool TryTakePing(ConnectionOptions options, long nowMs)
    {
        if (nowMs < _pingDueMs)
        {
            return false;
        }

        _pingDueMs = nowMs + (long)options.PingInterval.TotalMilliseconds;
        return true;
    }

    /// <summary>Returns the time of the next check.</summary>
    public readonly long NextMs(ConnectionOptions options, bool isIdentified) =>
        Math.Min(_pingDueMs, Math.Min(ReadDueMs(options), TokenDueMs(options, isIdentified)));

    private readonly long TokenDueMs(ConnectionOptions options, bool isIdentified) =>
        isIdentified ? long.MaxValue : OpenedMs + (long)options.TokenTimeout.TotalMilliseconds;

    private readonly long ReadDueMs(ConnectionOptions options) =>
        Volatile.Read(in _heardMs) + (long)options.ReadTimeout.TotalMilliseconds;
}
