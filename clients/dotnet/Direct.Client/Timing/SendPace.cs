namespace Direct.Client;

/// <summary>Delays sends so that they stay below a rate limit of the gateway: a burst at once, then so many a second.</summary>
internal sealed class SendPace(int perSecond, int burst, TimeProvider time)
{
    private double _available = burst;
    private long _counted = time.GetTimestamp();

    /// <summary>Counts what is to be sent, at most the burst, and waits until it is allowed.</summary>
    public async ValueTask WaitAsync(int count, CancellationToken cancellationToken)
    {
        while (!TryTake(count))
        {
            await Task.Delay(TimeSpan.FromSeconds((count - _available) / perSecond), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryTake(int count)
    {
        var now = time.GetTimestamp();
        _available = Math.Min(burst, _available + (time.GetElapsedTime(_counted, now).TotalSeconds * perSecond));
        _counted = now;
        if (_available < count)
        {
            return false;
        }

        _available -= count;
        return true;
    }
}
