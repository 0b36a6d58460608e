using Direct.Edge.Timing;

namespace Direct.Edge.Connections;

/// <summary>Measures how long a client has been receiving what it has missed. Not thread-safe: the lock of the connection's topics guards it.</summary>
internal sealed class ReplayTimer(DeadlineWheel wheel)
{
    private long _beforeMs;
    private long? _startedMs;

    /// <summary>Gets the time of all replays, including one that is in progress.</summary>
    public TimeSpan Elapsed => TimeSpan.FromMilliseconds(_beforeMs + (_startedMs is { } started ? wheel.NowMs - started : 0));

    public void Start() => _startedMs = wheel.NowMs;

    public void Stop()
    {
        _beforeMs = (long)Elapsed.TotalMilliseconds;
        _startedMs = null;
    }
}
