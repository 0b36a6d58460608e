namespace Direct.Gateway.Publishing;

/// <summary>Numbers everything that this process publishes, and knows up to where nothing will be repeated.</summary>
/// <param name="oldest">The lowest number that any outbox holds; the highest there is when none does. It visits every lane.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PublishSequence(Func<long> oldest, TimeProvider timeProvider)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private long _last;
    private long _settledThrough;
    private long _settledAt = timeProvider.GetTimestamp();

    /// <summary>Of this process, whatever its leases are.</summary>
    public Guid Publisher { get; } = Guid.NewGuid();

    /// <summary>Up to here nothing will be repeated, through any lane. Looked up once a second. Not to be read under the lock of a lane.</summary>
    public long SettledThrough
    {
        get
        {
            var settledAt = Volatile.Read(ref _settledAt);
            if (timeProvider.GetElapsedTime(settledAt) >= LookAgain
                && Interlocked.CompareExchange(ref _settledAt, timeProvider.GetTimestamp(), settledAt) == settledAt)
            {
                // Read before the look: what is numbered meanwhile is higher.
                var last = Interlocked.Read(ref _last);
                Volatile.Write(ref _settledThrough, Math.Min(last, oldest() - 1));
            }

            return Volatile.Read(ref _settledThrough);
        }
    }

    /// <summary>One counter for all lanes: an outbox that is made anew goes on above the last.</summary>
    public long Next() => Interlocked.Increment(ref _last);
}
