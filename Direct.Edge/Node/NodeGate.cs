namespace Direct.Edge.Node;

/// <summary>
/// Decides whether this node admits connections. It is open from the start on a node without a cluster; a gateway opens it when the
/// cluster has registered the gateway, and closes it when the gateway can no longer rely on that.
/// </summary>
public sealed class NodeGate(TimeProvider? timeProvider = null)
{
    private readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    private long _leaseEnd = long.MaxValue;
    private volatile bool _isFenced;
    private volatile bool _isShut;
    private volatile string? _obstacle;
    private volatile string? _lacking;
    private volatile string? _unreachable;

    /// <summary>Whether new connections are admitted.</summary>
    public bool IsOpen => !_isShut && !IsFenced;

    /// <summary>
    /// Whether the cluster may have continued without this node while it has connections: then only close frames may be sent to them.
    /// It compares clocks, so it is true at once when a process or a machine resumes after its lease has ended. A node without a cluster is
    /// never fenced.
    /// </summary>
    public bool IsFenced => _isFenced || (Volatile.Read(ref _leaseEnd) is var end and < long.MaxValue && _timeProvider.GetTimestamp() > end);

    /// <summary>How long the lease lasts unless it is renewed, zero at least; null while there is none, as always on a node without a cluster.</summary>
    public TimeSpan? LeaseLeft => Volatile.Read(ref _leaseEnd) is var end and < long.MaxValue
        ? TimeSpan.FromSeconds(Math.Max(0, (double)(end - _timeProvider.GetTimestamp()) / _timeProvider.TimestampFrequency))
        : null;

    /// <summary>What the node waits for before it can do anything, as text for people; null when it waits for nothing.</summary>
    public string? NotReadyReason => _obstacle;

    /// <summary>What the node lacks while it admits connections, as text for people; null when it lacks nothing.</summary>
    public string? DegradedReason
    {
        get => _lacking;
        set => _lacking = value;
    }

    /// <summary>
    /// Why load balancers should send nobody here although the node admits connections, as text for people; null when there is no reason. The
    /// connections that are open, and those that come all the same, are served as well as it goes.
    /// </summary>
    public string? UnreachableReason
    {
        get => _unreachable;
        set => _unreachable = value;
    }

    /// <summary>Admits connections.</summary>
    public void Open() => (_obstacle, _isShut) = (null, false);

    /// <summary>Admits no more connections. Open ones stay open.</summary>
    public void Shut() => (_isShut, _obstacle) = (true, null);

    /// <summary>Admits no connections and accepts no signals: the node has not reached its cluster yet.</summary>
    /// <param name="obstacle">What the node waits for.</param>
    public void Block(string obstacle) => (_isShut, _obstacle) = (true, obstacle);

    /// <summary>The node may send until this timestamp of its <see cref="TimeProvider"/>, unless its lease is renewed before.</summary>
    public void LeaseUntil(long end) => Volatile.Write(ref _leaseEnd, end);

    /// <summary>Fences the node: its lease is lost, whatever the clock says.</summary>
    public void Fence() => _isFenced = true;

    /// <summary>Ends the fence: every connection of the last lease has ended.</summary>
    public void EndLease()
    {
        Volatile.Write(ref _leaseEnd, long.MaxValue);
        _isFenced = false;
    }
}
