using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the topics of one connection and the subscriptions that they need. The connection enters the topics of its user when that is known, joins
/// and leaves rooms in the way of its dialect, and leaves all topics once.
/// </summary>
/// <remarks>
/// The lock is the object itself, because a separate lock would cost every connection 48 bytes more; no other code locks it. It guards the
/// memberships in the index together with the rooms and subscriptions that belong to them. See <see cref="Connection"/> for the order of locks.
/// </remarks>
internal abstract class ConnectionTopics
{
    // Guarded by the lock.
    private bool _isEntered;

    // The number of topics that still have earlier messages to send, plus one until the connection has left all topics.
    private int _pendingFlushes = 1;

    /// <summary>Gets whether the connection has entered its topics. It stays true after the connection has left them.</summary>
    public bool IsEntered => Volatile.Read(ref _isEntered);

    /// <summary>Gets whether the connection receives messages to its user and to all connections.</summary>
    public abstract bool IsReceiving { get; }

    /// <summary>Gets whether the connection has left all topics. Guarded by the lock.</summary>
    protected bool HasLeft { get; private set; }

    /// <summary>
    /// Gets or sets whether a connection of the original dialect is outside every room because it may not be where it wanted. Guarded by the lock. It is
    /// here because it takes no memory besides the other flags.
    /// </summary>
    protected bool IsRefused { get; set; }

    /// <summary>Gets whether no topic that was left has earlier messages to send, while the connection is open.</summary>
    protected bool IsFlushed => Volatile.Read(ref _pendingFlushes) <= 1;

    /// <summary>Enters the topics of the user. Returns false if the connection has left already; then it stays outside.</summary>
    /// <param name="subscription">The subscription of the user's topic, which is moved here.</param>
    public bool TryEnter(SubscriptionHandle subscription)
    {
        lock (this)
        {
            if (!HasLeft)
            {
                EnterIndex(subscription);
                Volatile.Write(ref _isEntered, true);
                return true;
            }
        }

        subscription.Dispose();
        return false;
    }

    /// <summary>Returns whether the connection is in a room that <paramref name="target"/> matches, without regard to its user.</summary>
    public abstract bool Matches(Target target);

    /// <summary>Returns the rooms that <paramref name="target"/> matches, without regard to its user, in order.</summary>
    public abstract RoomId[] RoomsIn(Target target);

    /// <summary>
    /// Returns the rooms that the connection is a member of and that <paramref name="part"/> matches, without regard to its user; not 0,0. It waits
    /// for a change of the index that is under way.
    /// </summary>
    public RoomMembership[] MembershipsIn(Target part)
    {
        lock (this)
        {
            return IsEntered && !HasLeft
                ? [.. RoomsIn(part).Where(room => room != default && part.Matches(room.Group, room.Channel, part.User)).Select(room => new RoomMembership(room, MembershipOf(room)!))]
                : [];
        }
    }

    /// <summary>
    /// Completes when the topics that were left have sent their earlier messages. A room that is joined after that receives only later ones.
    /// </summary>
    public abstract Task WhenFlushed();

    /// <summary>
    /// Enters a room in the way of the dialect, unless the connection has left. Returns false, and changes nothing, if the permit is no longer current.
    /// </summary>
    /// <param name="room">The room.</param>
    /// <param name="acquired">The subscriptions of its topics. Their ownership moves here if the result is true.</param>
    /// <param name="permit">The right to join.</param>
    /// <param name="reference">The ref of the command; empty if there is none.</param>
    public abstract ValueTask<bool> TryJoinAsync(RoomId room, SubscriptionHandle acquired, JoinPermit permit, byte[] reference);

    /// <summary>
    /// Leaves a room because the user has no right to be there. Returns false if the connection is not in the room, or has left it and joined it again: that
    /// join has looked up the right since, and the refusal may be older.
    /// </summary>
    public abstract bool TryWithdraw(RoomMembership membership);

    /// <summary>Leaves all topics, at the first call. The caller then releases the flush that was pending for it.</summary>
    /// <returns>Whether this was the first call.</returns>
    public bool TryLeave()
    {
        lock (this)
        {
            if (HasLeft)
            {
                return false;
            }

            HasLeft = true;
            LeaveIndex();
        }

        ReleaseSubscriptions();
        return true;
    }

    /// <summary>Records that a topic that is being left still has earlier messages to send.</summary>
    public void AddPendingFlush() => Interlocked.Increment(ref _pendingFlushes);

    /// <summary>Records that such a topic has sent its messages.</summary>
    /// <returns>Whether no topic will send anything more.</returns>
    public bool ReleasePendingFlush()
    {
        var pending = Interlocked.Decrement(ref _pendingFlushes);
        if (pending <= 1)
        {
            OnFlushed();
        }

        return pending <= 0;
    }

    /// <summary>Is called when no topic that was left has earlier messages to send. No lock is held that the connection may need.</summary>
    protected virtual void OnFlushed()
    {
    }

    /// <summary>Returns the membership in the topic of a room that the connection is in; otherwise null. Called under the lock.</summary>
    protected abstract Membership? MembershipOf(RoomId room);

    /// <summary>Adds the connection to the topics of its user. Called under the lock.</summary>
    /// <param name="subscription">The subscription of the user's topic, which is moved here.</param>
    protected abstract void EnterIndex(SubscriptionHandle subscription);

    /// <summary>Removes the connection from all topics that it is in, also if it has not entered. Called under the lock.</summary>
    protected abstract void LeaveIndex();

    /// <summary>Releases all subscriptions, after the connection has left. Called once.</summary>
    protected abstract void ReleaseSubscriptions();
}
