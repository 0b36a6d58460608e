using Direct.Memory;

namespace Direct.Gateway.Cluster;

/// <summary>What all outboxes of a gateway share.</summary>
/// <param name="grains">Where lanes are found.</param>
/// <param name="options">The bounds.</param>
/// <param name="oldestSequence">The lowest sequence that any outbox holds; the highest there is when none does.</param>
/// <param name="metrics">For all of them.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">For all of them.</param>
internal sealed class OutboxSettings(
    IGrainFactory grains, BackplaneOptions options, Func<long> oldestSequence, ClusterMetrics metrics, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private long _lastSequence;
    private long _setAsideBytes;
    private long _settledThrough;
    private long _settledAt = timeProvider.GetTimestamp();

    public IGrainFactory Grains => grains;

    public TimeProvider TimeProvider => timeProvider;

    public ILogger Logger => logger;

    public ClusterMetrics Metrics => metrics;

    /// <summary>Counts what all outboxes hold.</summary>
    public QueueAccount? Held { get; init; }

    public int MaxLaneBytes => options.MaxLaneBytes;

    public TimeSpan BroadcastTimeout => options.BroadcastTimeout;

    /// <summary>Bytes that only hung gateways have not acknowledged.</summary>
    public long SetAsideBytes => Interlocked.Read(ref _setAsideBytes);

    /// <summary>Of this process, whatever its leases are.</summary>
    public Guid Publisher { get; } = Guid.NewGuid();

    /// <summary>Up to here nothing will be repeated, through any lane. Looked up once a second, as it visits every lane.</summary>
    public long SettledThrough
    {
        get
        {
            var settledAt = Volatile.Read(ref _settledAt);
            if (timeProvider.GetElapsedTime(settledAt) >= LookAgain
                && Interlocked.CompareExchange(ref _settledAt, timeProvider.GetTimestamp(), settledAt) == settledAt)
            {
                // Read before the look: what is numbered meanwhile is higher.
                var last = Interlocked.Read(ref _lastSequence);
                Volatile.Write(ref _settledThrough, Math.Min(last, oldestSequence() - 1));
            }

            return Volatile.Read(ref _settledThrough);
        }
    }

    /// <summary>One counter for all lanes: an outbox that is made anew goes on above the last.</summary>
    public long NextSequence() => Interlocked.Increment(ref _lastSequence);

    /// <summary>Counts bytes that only hung gateways have not acknowledged. False when that is too much already.</summary>
    public bool TrySetAside(int bytes)
    {
        if (Interlocked.Add(ref _setAsideBytes, bytes) <= options.MaxSetAsideBytes)
        {
            return true;
        }

        TakeBack(bytes);
        return false;
    }

    /// <summary>They are acknowledged, or given up.</summary>
    public void TakeBack(int bytes) => Interlocked.Add(ref _setAsideBytes, -bytes);
}
