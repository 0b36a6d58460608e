using Direct.Collections;

namespace Direct.Gateway.Publishing;

/// <summary>Numbers the signals that this process publishes, and tracks up to which number none will be repeated.</summary>
/// <param name="oldest">Returns the lowest number in any outbox, or <see cref="long.MaxValue"/>. It visits every lane.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PublishSequence(Func<long> oldest, TimeProvider timeProvider)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private long _last;
    private long _settledThrough;
    private long _settledAt = timeProvider.GetTimestamp();

    /// <summary>Gets the random id of this process as a publisher. It does not change with leases.</summary>
    public Guid Publisher { get; } = RandomIds.NewGuid();

    /// <summary>Gets the number up to which no signal will be repeated, through any lane. Computed once a second. Must not be read under the lock of a lane.</summary>
    public long SettledThrough
    {
        get
        {
            var settledAt = Volatile.Read(ref _settledAt);
            if (timeProvider.GetElapsedTime(settledAt) >= LookAgain
                && Interlocked.CompareExchange(ref _settledAt, timeProvider.GetTimestamp(), settledAt) == settledAt)
            {
                // Read before the visit: signals that are numbered meanwhile have higher numbers.
                var last = Interlocked.Read(ref _last);
                Volatile.Write(ref _settledThrough, Math.Min(last, oldest() - 1));
            }

            return Volatile.Read(ref _settledThrough);
        }
    }

    /// <summary>Returns the next number. All lanes share the counter, so a new outbox of a lane continues above the last.</summary>
    public long Next() => Interlocked.Increment(ref _last);
}
