using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the topics of a connection that speaks <c>direct.2</c> and may be in many rooms. What the client is told of a topic is sent before the first
/// message of that topic, and arrives after the connection is a member.
/// </summary>
/// <remarks>
/// Both hold because the connection holds its output while it joins: the answers are queued, then the index is changed, then everything is sent.
/// <para>
/// A connection enters the topic of its user when it has authenticated, so that queries find it and backends can close it. It receives the messages of
/// that topic, and those to all connections, only after <see cref="BeginReceiving"/>.
/// </para>
/// </remarks>
internal sealed class JoinedRooms(Connection connection) : ConnectionTopics
{
    private readonly RoomTable _table = new();

    // Guarded by the lock.
    private Membership? _all; // may be read without it
    private HashSet<Topic>? _since; // the topics in which the client has received something before
    private List<RoomId>? _joining; // a room is in it once for each join in progress
    private TaskCompletionSource? _flushed; // created when a join waits for topics that were left

    // That of all subscriptions. It cannot change meanwhile: a reset waits until every connection that holds something has ended.
    private int _generation;

    public override bool IsReceiving => Volatile.Read(ref _all) is not null;

    private TopicIndex Index => connection.Dependencies.Index;

    /// <summary>Returns whether the connection has joined a room.</summary>
    public bool IsJoined(RoomId room) => _table.IsJoined(room);

    public override bool Matches(Target target) => target is { Group: 0, Channel: 0 } || _table.IsMember(new RoomId(target.Group, target.Channel).Topic);

    public override RoomId[] RoomsIn(Target target)
    {
        var rooms = _table.Rooms(target);
        return rooms.Length == 0 && target is { Group: 0, Channel: 0 } ? [default] : rooms;
    }

    /// <summary>
    /// Records that the client has received messages of a topic before, until <see cref="ForgetSince"/>. Returns false if there are too many of these.
    /// </summary>
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

    /// <summary>Forgets where the client has received messages before, because the joins of its message are done.</summary>
    public void ForgetSince()
    {
        lock (this)
        {
            _since = null;
        }
    }

    /// <summary>Reserves a place for a room that is to be joined. Returns false if there are too many rooms.</summary>
    public bool TryBeginJoin(RoomId room, int limit)
    {
        lock (this)
        {
            _joining ??= [];
            if (!_joining.Contains(room) && !_table.IsJoined(room) && CountRooms() >= limit)
            {
                return false;
            }

            _joining.Add(room);
            return true;
        }
    }

    /// <summary>Gives up a join that has begun.</summary>
    public void AbandonJoin(RoomId room)
    {
        lock (this)
        {
            EndJoin(room);
        }
    }

    /// <summary>
    /// Completes when the topics that were left have sent their earlier messages. A room that is joined after that receives only later ones.
    /// </summary>
    public Task WhenFlushed()
    {
        lock (this)
        {
            if (IsFlushed)
            {
                return Task.CompletedTask;
            }

            _flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _flushed.Task;
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
            EndJoin(room);
            if (!HasLeft)
            {
                connection.HoldOutput();
                if (!_table.IsJoined(room))
                {
                    TellPositions(room.Topics);
                    TellJoined(room, reference);
                    Add(room, ref acquired);
                }
                else
                {
                    TellJoined(room, reference);
                }

                connection.ReleaseOutput();
            }
        }

        acquired.Dispose(); // those of topics that other rooms have acquired already, or all if the connection has left
    }

    /// <summary>Tells the client that a room is joined.</summary>
    public void TellJoined(RoomId room, ReadOnlySpan<byte> reference) =>
        connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Joined(room, reference));

    /// <summary>Leaves a room and tells the client. Returns false if it is not joined.</summary>
    public bool TryLeave(RoomId room, ReadOnlySpan<byte> reference)
    {
        List<Topic> left;
        lock (this)
        {
            if (HasLeft || !_table.IsJoined(room))
            {
                return false;
            }

            left = new List<Topic>(3);
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

    /// <summary>
    /// Lets messages to the user and to all connections come, because the joins of the first message are done: a message to the user in one room
    /// matches only after that room was joined.
    /// </summary>
    public void BeginReceiving()
    {
        lock (this)
        {
            if (!HasLeft)
            {
                connection.HoldOutput();
                TellPosition(Topic.All);
                TellPosition(Topic.User(connection.UserId));
                Volatile.Write(ref _all, Index.Join(Topic.All, connection));
                connection.ReleaseOutput();
            }
        }
    }

    protected override void EnterIndex(SubscriptionHandle subscription)
    {
        _generation = subscription.Generation;
        subscription.Keep(Topic.User(connection.UserId));
        Index.Enter(connection);
    }

    protected override void LeaveIndex()
    {
        foreach (var membership in _table.Memberships())
        {
            Index.Leave(membership);
        }

        if (_all is not null)
        {
            Index.Leave(_all);
        }

        if (IsEntered)
        {
            Index.Exit(connection);
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

    protected override void OnFlushed()
    {
        lock (this)
        {
            if (IsFlushed) // another topic may have been left meanwhile
            {
                _flushed?.SetResult();
                _flushed = null;
            }
        }
    }

    private void Release(Topic topic) => connection.Dependencies.Subscriptions.Release(topic, _generation);

    // The methods below are called under the lock.

    // Rooms that are joined, and those that are being joined.
    private int CountRooms() => _table.Count + _joining!.Where(room => !_table.IsJoined(room)).Distinct().Count();

    private void EndJoin(RoomId room)
    {
        _joining!.Remove(room);
        _joining = _joining.Count == 0 ? null : _joining;
    }

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
