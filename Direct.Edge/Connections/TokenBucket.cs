namespace Direct.Edge.Connections;

/// <summary>
/// Limits a rate to <paramref name="ratePerSecond"/> with bursts of up to <paramref name="burst"/>. A rate of 0 is unlimited. Not thread-safe.
/// </summary>
internal struct TokenBucket(int ratePerSecond, int burst, long nowMs)
{
    private double _tokens = burst;
    private long _filledMs = nowMs;

    /// <summary>Takes a token, unless fewer than <paramref name="reserve"/> would be left.</summary>
    public bool TryTake(long nowMs, int reserve = 0)
    {
        if (ratePerSecond == 0)
        {
            return true;
        }

        Fill(nowMs);
        if (_tokens < 1 + reserve)
        {
            return false;
        }

        _tokens--;
        return true;
    }

    /// <summary>Returns whether the bucket is full, and therefore equal to a new one.</summary>
    public bool IsFull(long nowMs)
    {
        Fill(nowMs);
        return _tokens >= burst;
    }

    private void Fill(long nowMs)
    {
        if (nowMs > _filledMs)
        {
            _tokens = Math.Min(burst, _tokens + ((nowMs - _filledMs) / 1000.0 * ratePerSecond));
            _filledMs = nowMs;
        }
    }
}
