using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the topics of one connection and the subscriptions that they need. The connection enters its topics when its user is known, moves between
/// rooms, and leaves all topics once.
/// </summary>
/// <remarks>
/// The lock is the object itself, because a separate lock would cost every connection 48 bytes more; no other code locks it. It guards the
/// memberships in the index together with the group, channel and subscriptions that belong to them. See <see cref="Connection"/> for the order of
/// locks.
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

    // The number of topics that still have earlier messages to send, plus one until the connection has left all topics.
    private int _pendingFlushes = 1;

    public long GroupId { get; private set; }

    public long ChannelId { get; private set; }

    /// <summary>Gets whether the connection has entered its topics. It stays true after the connection has left them.</summary>
    public bool IsEntered => Volatile.Read(ref _isEntered);

    /// <summary>Enters the topics of the user. Returns false if the connection has left already; then it stays outside.</summary>
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

        subscriptions.Dispose(); // either those of the old room, or the new ones if the connection has left
    }

    /// <summary>Leaves all topics, at the first call. The caller then releases the flush that was pending for it.</summary>
    /// <returns>Whether this was the first call.</returns>
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

    /// <summary>Records that such a topic has sent its messages.</summary>
    /// <returns>Whether no topic will send anything more.</returns>
    public bool ReleasePendingFlush() => Interlocked.Decrement(ref _pendingFlushes) <= 0;
}
