using Direct.Edge.Rights;
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

    public override Task WhenFlushed() => Task.CompletedTask; // messages carry no topic, so those of the old room may follow

    /// <summary>Switches to another group and channel at once.</summary>
    public override ValueTask<bool> TryJoinAsync(RoomId room, SubscriptionHandle acquired, JoinPermit permit, byte[] reference)
    {
        lock (this)
        {
            if (!HasLeft)
            {
                if (!permit.IsCurrent)
                {
                    return new ValueTask<bool>(false);
                }

                Move(room, ref acquired);
                IsRefused = false;
            }
        }

        acquired.Dispose(); // either those of the old room, or the new ones if the connection has left
        return new ValueTask<bool>(true);
    }

    public override bool TryWithdraw(RoomMembership membership) => TryLeaveRoom(membership);

    /// <summary>Leaves the room, because the client may not be in the one that it wants.</summary>
    public void Refuse() => TryLeaveRoom(null);

    /// <summary>Gets the room to which the client broadcasts. Returns false if it may not be where it wanted.</summary>
    public bool TryGetRoom(out RoomId room)
    {
        lock (this)
        {
            room = new RoomId(GroupId, ChannelId);
            return !IsRefused;
        }
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

    protected override Membership? MembershipOf(RoomId room) => _memberships.Room ?? _memberships.Group ?? _memberships.Channel;

    // Stays outside every room until a join succeeds.
    private bool TryLeaveRoom(RoomMembership? only)
    {
        SubscriptionHandle subscriptions = default;
        lock (this)
        {
            if (HasLeft || (only is { } membership && membership.Topic != MembershipOf(membership.Room)))
            {
                return false;
            }

            Move(default, ref subscriptions);
            IsRefused = true;
        }

        subscriptions.Dispose();
        return true;
    }

    // Under the lock. The subscriptions of the old room are returned.
    private void Move(RoomId room, ref SubscriptionHandle subscriptions)
    {
        (_roomSubscriptions, subscriptions) = (subscriptions, _roomSubscriptions);
        (GroupId, ChannelId) = (room.Group, room.Channel);
        _memberships = index.Move(connection, _memberships);
    }
}
