using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the topics of a connection that speaks <c>direct.2</c> and may be in many rooms. What the client is told of a topic is sent before the first
/// message of that topic, and arrives after the connection is a member.
/// </summary>
/// <remarks>
/// Both hold because the connection holds its output while it joins: the answers are queued, then the index is changed, then everything is sent.
/// </remarks>
internal sealed class JoinedRooms(Connection connection) : ConnectionTopics
{
    private readonly RoomTable _table = new();
    private readonly int _generation = connection.Dependencies.Subscriptions.Generation; // nothing that is held outlives it: see TopicSubscriptions.Reset

    // Guarded by the lock.
    private Membership? _all;
    private HashSet<Topic>? _since; // the topics in which the client has received something before
    private int _joining;

    private TopicIndex Index => connection.Dependencies.Index;

    /// <summary>Returns whether the connection has joined a room.</summary>
    public bool IsJoined(RoomId room) => _table.IsJoined(room);

    /// <summary>Returns whether the connection is in a room that <paramref name="target"/> matches, without regard to its user.</summary>
    public bool Matches(Target target) => target is { Group: 0, Channel: 0 } || _table.IsMember(new RoomId(target.Group, target.Channel).Topic);

    /// <summary>Returns the joined rooms that <paramref name="target"/> matches, without regard to its user, in order.</summary>
    public RoomId[] RoomsIn(Target target)
    {
        var rooms = _table.Rooms(target);
        return rooms.Length == 0 && target is { Group: 0, Channel: 0 } ? [default] : rooms;
    }

    /// <summary>Records that the client has received messages of a topic before. Returns false if there are too many of these.</summary>
    public bool TryAddSince(Topic topic, int limit)
    {
        lock (this)
        {
            if (_since is not null && _since.Count >= limit && !_since.Contains(topic))
            {
                return false;
            }

            (_since ??= []).Add(topic);
            return true;
        }
    }

    /// <summary>Reserves a place for a room that is to be joined. Returns false if there are too many rooms.</summary>
    public bool TryBeginJoin(RoomId room, int limit)
    {
        lock (this)
        {
            if (_table.Count + _joining >= limit && !_table.IsJoined(room))
            {
                return false;
            }

            _joining++;
            return true;
        }
    }

    /// <summary>Gives up a join that has begun, because the cluster has not confirmed it.</summary>
    public void AbandonJoin()
    {
        lock (this)
        {
            _joining--;
        }
    }

    /// <summary>Completes a join that has begun, and tells the client. It has no other effect if the room is joined already.</summary>
    /// <param name="room">The room.</param>
    /// <param name="acquired">The subscriptions of its topics; their ownership moves here.</param>
    /// <param name="reference">The ref of the command; empty if there is none.</param>
    public void Join(RoomId room, SubscriptionHandle acquired, ReadOnlySpan<byte> reference)
    {
        lock (this)
        {
            _joining--;
            if (!HasLeft)
            {
                connection.HoldOutput();
                if (!_table.IsJoined(room))
                {
                    TellPositions(room.Topics);
                    connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Joined(room, reference));
                    Add(room, ref acquired);
                }
                else
                {
                    connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Joined(room, reference));
                }

                connection.ReleaseOutput();
            }
        }

        acquired.Dispose(); // those of topics that other rooms have acquired already, or all if the connection has left
    }

    /// <summary>Leaves a room and tells the client. Returns false if it is not joined.</summary>
    public bool TryLeave(RoomId room, ReadOnlySpan<byte> reference)
    {
        var left = new List<Topic>(3);
        lock (this)
        {
            if (HasLeft || !_table.IsJoined(room))
            {
                return false;
            }

            _table.MarkLeft(room);
            foreach (var topic in room.Topics)
            {
                if (_table.Release(topic) is { } membership)
                {
                    Index.Leave(membership);
                    left.Add(topic);
                }
            }

            connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Left(room, reference));
        }

        left.ForEach(Release);
        return true;
    }

    protected override void EnterIndex(SubscriptionHandle subscription)
    {
        subscription.Keep(Topic.User(connection.UserId));
        connection.HoldOutput();
        TellPosition(Topic.All);
        TellPosition(Topic.User(connection.UserId));
        _all = Index.Enter(connection);
        connection.ReleaseOutput();
    }

    protected override void LeaveIndex()
    {
        foreach (var membership in _table.Memberships())
        {
            Index.Leave(membership);
        }

        if (_all is not null)
        {
            Index.Exit(connection, _all);
        }
    }

    protected override void ReleaseSubscriptions()
    {
        foreach (var membership in _table.Memberships())
        {
            Release(membership.Log!.Topic);
        }

        if (IsEntered)
        {
            Release(Topic.User(connection.UserId));
        }
    }

    private void Release(Topic topic) => connection.Dependencies.Subscriptions.Release(topic, _generation);

    // The methods below are called under the lock.
    private void TellPositions(RoomTopics topics)
    {
        foreach (var topic in topics)
        {
            if (!_table.IsMember(topic))
            {
                TellPosition(topic);
            }
        }
    }

    // Nothing is kept, so what the client has missed of a topic cannot be sent.
    private void TellPosition(Topic topic)
    {
        Span<byte> buffer = stackalloc byte[Reply.MaxBytes];
        if (_since is not null && _since.Remove(topic))
        {
            connection.Send(new Reply(buffer).Gap(topic));
            _since = _since.Count == 0 ? null : _since;
        }

        connection.Send(new Reply(buffer).At(topic));
    }

    private void Add(RoomId room, ref SubscriptionHandle acquired)
    {
        foreach (var topic in room.Topics)
        {
            if (!_table.TryUse(topic))
            {
                _table.Add(Index.Join(topic, connection));
                acquired.Keep(topic);
            }
        }

        _table.MarkJoined(room);
    }
}
