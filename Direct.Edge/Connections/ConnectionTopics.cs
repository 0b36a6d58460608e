using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// The topics of one connection: it enters them when its user is known, moves between rooms, and leaves all of them once, for good. It
/// holds the subscriptions that they need.
/// </summary>
/// <remarks>
/// Its lock is the object itself, because a lock of its own would cost every connection another 48 bytes; nothing else locks it. It
/// guards the places in the index together with the group, channel and subscriptions that belong to them. See <see cref="Connection"/> for
/// the order of locks.
/// </remarks>
internal sealed class ConnectionTopics(IRecipient connection, TopicIndex index)
{
    // Guarded by the lock.
    private TopicIndex.TopicMemberships _memberships;
    private bool _isEntered;
    private bool _hasLeft;

    // Guarded by the lock; once the connection has left, used only by the thread that has made it leave.
    private SubscriptionHandle _userSubscription;
    private SubscriptionHandle _roomSubscriptions;

    // Topics that still have to send what was said before the connection left them, and one for not having left them all.
    private int _pendingFlushes = 1;

    public long GroupId { get; private set; }

    public long ChannelId { get; private set; }

    /// <summary>Gets whether the connection has been in its topics; it stays true when it has left them.</summary>
    public bool IsEntered => Volatile.Read(ref _isEntered);

    /// <summary>Enters the topics of the user. False when the connection has left before: then it stays outside.</summary>
    /// <param name="subscription">The subscription of the user's topic, which is moved here.</param>
    public bool TryEnter(SubscriptionHandle subscription)
    {
        lock (this)
        {
            if (!_hasLeft)
            {
                _userSubscription = subscription;
                _memberships = index.Add(connection);
                Volatile.Write(ref _isEntered, true);
                return true;
            }
        }

        subscription.Dispose();
        return false;
    }

    /// <summary>Switches to another group and channel at once, unless the connection has left.</summary>
    /// <param name="group">The group.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="subscriptions">The subscriptions of the group and the channel; their ownership moves here.</param>
    public void Move(long group, long channel, SubscriptionHandle subscriptions)
    {
        lock (this)
        {
            if (!_hasLeft)
            {
                (_roomSubscriptions, subscriptions) = (subscriptions, _roomSubscriptions);
                (GroupId, ChannelId) = (group, channel);
                _memberships = index.Move(connection, _memberships);
            }
        }

        subscriptions.Dispose(); // by now those of the old room, or those that came too late
    }

    /// <summary>Leaves all topics, the first time that it is called. The caller then releases the flush that was pending for it.</summary>
    /// <returns>Whether it was the first time.</returns>
    public bool TryLeave()
    {
        lock (this)
        {
            if (_hasLeft)
            {
                return false;
            }

            _hasLeft = true;
            if (_isEntered)
            {
                index.Remove(connection, _memberships);
                _memberships = default;
            }
        }

        _userSubscription.Dispose();
        _roomSubscriptions.Dispose();
        return true;
    }

    /// <summary>Records that a topic that is being left still has earlier messages to send.</summary>
    public void AddPendingFlush() => Interlocked.Increment(ref _pendingFlushes);

    /// <summary>That topic has sent it.</summary>
    /// <returns>Whether no topic will send anything any more.</returns>
    public bool ReleasePendingFlush() => Interlocked.Decrement(ref _pendingFlushes) <= 0;
}
