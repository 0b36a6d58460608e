namespace Direct.Edge.Node;

/// <summary>
/// Decides whether this node admits connections. On a node without a cluster the gate is open from the start. A gateway opens it when the cluster has
/// registered the gateway, and shuts it when the registration is no longer certain.
/// </summary>
public sealed class NodeGate(TimeProvider? timeProvider = null)
{
    private readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    private readonly SortedDictionary<string, string> _missing = new(StringComparer.Ordinal);
    private long _leaseEnd = long.MaxValue;
    private volatile bool _isFenced;
    private volatile bool _isShut;
    private volatile string? _notReadyReason;
    private volatile string? _degradedReason;
    private volatile string? _unreachable;

    /// <summary>Gets whether new connections are admitted.</summary>
    public bool IsOpen => !_isShut && !IsFenced;

    /// <summary>
    /// Gets whether the cluster may have continued without this node while it has connections: then only close frames may be sent to them.
    /// It compares clocks, so it is true at once when a process or a machine resumes after its lease has ended. A node without a cluster is
    /// never fenced.
    /// </summary>
    public bool IsFenced => _isFenced || (Volatile.Read(ref _leaseEnd) is var end and < long.MaxValue && _timeProvider.GetTimestamp() > end);

    /// <summary>How long the lease lasts unless it is renewed, zero at least; null while there is none, as always on a node without a cluster.</summary>
    public TimeSpan? LeaseLeft => Volatile.Read(ref _leaseEnd) is var end and < long.MaxValue
        ? TimeSpan.FromSeconds(Math.Max(0, (double)(end - _timeProvider.GetTimestamp()) / _timeProvider.TimestampFrequency))
        : null;

    /// <summary>Gets what the node waits for before it can serve, as text for people; null if it waits for nothing.</summary>
    public string? NotReadyReason => _notReadyReason;

    /// <summary>Gets what is missing while the node admits connections, as text for people; null if nothing is.</summary>
    public string? DegradedReason => _degradedReason;

    /// <summary>
    /// Why load balancers should send nobody here although the node admits connections, as text for people; null when there is no reason. The
    /// connections that are open, and those that come all the same, are served as well as it goes.
    /// </summary>
    public string? UnreachableReason
    {
        get => _unreachable;
        set => _unreachable = value;
    }

    /// <summary>Records what a part of the node lacks. The node continues to admit connections.</summary>
    /// <param name="part">The part, which has one reason at a time.</param>
    /// <param name="reason">What it lacks, as text for people; null if it lacks nothing.</param>
    public void Degrade(string part, string? reason)
    {
        lock (_missing)
        {
            if (reason is null)
            {
                _missing.Remove(part);
            }
            else
            {
                _missing[part] = reason;
            }

            _degradedReason = _missing.Count == 0 ? null : string.Join("; ", _missing.Values);
        }
    }

    /// <summary>Admits connections.</summary>
    public void Open() => (_notReadyReason, _isShut) = (null, false);

    /// <summary>Admits no more connections. Open ones stay open.</summary>
    public void Shut() => (_isShut, _notReadyReason) = (true, null);

    /// <summary>Admits no connections and accepts no signals, because the node has not reached its cluster yet.</summary>
    /// <param name="reason">What the node waits for.</param>
    public void Block(string reason) => (_isShut, _notReadyReason) = (true, reason);

    /// <summary>Lets the node send until this timestamp of its <see cref="TimeProvider"/>, or longer if its lease is renewed before.</summary>
    public void LeaseUntil(long end) => Volatile.Write(ref _leaseEnd, end);

    /// <summary>Fences the node at once, because its lease is lost.</summary>
    public void Fence() => _isFenced = true;

    /// <summary>Ends the fence, after every connection of the last lease has ended.</summary>
    public void EndLease()
    {
        Volatile.Write(ref _leaseEnd, long.MaxValue);
        _isFenced = false;
    }
}
