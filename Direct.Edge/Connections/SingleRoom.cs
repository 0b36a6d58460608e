using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>Holds the topics of a connection of the original dialect, which is in one room at a time and moves between rooms.</summary>
internal sealed class SingleRoom(IRecipient connection, TopicIndex index) : ConnectionTopics
{
    // Guarded by the lock.
    private TopicIndex.TopicMemberships _memberships;

    // Guarded by the lock; once the connection has left, used only by the thread that has made it leave.
    private SubscriptionHandle _userSubscription;
    private SubscriptionHandle _roomSubscriptions;

    public long GroupId { get; private set; }

    public long ChannelId { get; private set; }

    public override bool IsReceiving => true;

    public override bool Matches(Target target) => target.Matches(GroupId, ChannelId, target.User);

    public override RoomId[] RoomsIn(Target target) => [new RoomId(GroupId, ChannelId)];

    /// <summary>Switches to another group and channel at once, unless the connection has left.</summary>
    /// <param name="group">The group.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="subscriptions">The subscriptions of the group and the channel; their ownership moves here.</param>
    public void Move(long group, long channel, SubscriptionHandle subscriptions)
    {
        lock (this)
        {
            if (!HasLeft)
            {
                (_roomSubscriptions, subscriptions) = (subscriptions, _roomSubscriptions);
                (GroupId, ChannelId) = (group, channel);
                _memberships = index.Move(connection, _memberships);
            }
        }

        subscriptions.Dispose(); // either those of the old room, or the new ones if the connection has left
    }

    protected override void EnterIndex(SubscriptionHandle subscription)
    {
        _userSubscription = subscription;
        _memberships = index.Add(connection);
    }

    protected override void LeaveIndex()
    {
        if (IsEntered)
        {
            index.Remove(connection, _memberships);
            _memberships = default;
        }
    }

    protected override void ReleaseSubscriptions()
    {
        _userSubscription.Dispose();
        _roomSubscriptions.Dispose();
    }
}
