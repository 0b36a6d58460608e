namespace Direct.Edge.Node;

/// <summary>
/// Whether this node lets anyone in. Open from the start on a node that is alone; a gateway opens it when the cluster knows it and
/// shuts it when it can no longer be sure of that.
/// </summary>
public sealed class NodeGate(TimeProvider? timeProvider = null)
{
    private readonly TimeProvider _timeProvider = timeProvider ?? TimeProvider.System;
    private long _leaseEnd = long.MaxValue;
    private volatile bool _isFenced;
    private volatile bool _isShut;
    private volatile string? _obstacle;
    private volatile string? _lacking;

    /// <summary>Whether new connections are let in.</summary>
    public bool IsOpen => !_isShut && !IsFenced;

    /// <summary>
    /// Whether the cluster may have gone on without this node while it has connections: then nothing but close frames may be sent to them.
    /// It compares clocks, so it is true at once when a process or a machine wakes up after its lease. A node that is alone is never fenced.
    /// </summary>
    public bool IsFenced => _isFenced || (Volatile.Read(ref _leaseEnd) is var end and < long.MaxValue && _timeProvider.GetTimestamp() > end);

    /// <summary>What the node waits for before it can do anything, for people; null when it has what it needs to try.</summary>
    public string? Obstacle => _obstacle;

    /// <summary>What the node does without for now while it lets people in, in a word for people; null when it has everything.</summary>
    public string? Lacking
    {
        get => _lacking;
        set => _lacking = value;
    }

    /// <summary>Lets connections in.</summary>
    public void Open() => (_obstacle, _isShut) = (null, false);

    /// <summary>Lets nobody in any more. Who is in stays.</summary>
    public void Shut() => (_isShut, _obstacle) = (true, null);

    /// <summary>Lets nobody in, and takes no signal either: there is no cluster yet that could be given one.</summary>
    /// <param name="obstacle">What the node waits for.</param>
    public void Block(string obstacle) => (_isShut, _obstacle) = (true, obstacle);

    /// <summary>The node may send until this timestamp of its <see cref="TimeProvider"/>, unless its lease is renewed before.</summary>
    public void LeaseUntil(long end) => Volatile.Write(ref _leaseEnd, end);

    /// <summary>The lease is lost, whatever the clock says.</summary>
    public void Fence() => _isFenced = true;

    /// <summary>Every connection of the last lease has ended: nothing is left that must not be sent to.</summary>
    public void EndLease()
    {
        Volatile.Write(ref _leaseEnd, long.MaxValue);
        _isFenced = false;
    }
}
