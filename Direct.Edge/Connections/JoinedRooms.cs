using Direct.Edge.Keeping;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Connections;

/// <summary>
/// Holds the topics of a connection that speaks <c>direct.2</c> and may be in many rooms. What the client is told of a topic is sent before the first
/// message of that topic, and arrives after the connection is a member.
/// </summary>
/// <remarks>
/// Both hold because the connection holds its output while it joins: the answers are queued, then the index is changed, then everything is sent.
/// <para>
/// A connection enters the topic of its user when it has authenticated, so that queries find it and backends can close it. It receives the messages of
/// that topic, and those to all connections, only after <see cref="BeginReceivingAsync"/>.
/// </para>
/// </remarks>
internal sealed class JoinedRooms(Connection connection) : ConnectionTopics
{
    private readonly RoomTable _table = new();

    // Guarded by the lock.
    private Membership? _all; // may be read without it
    private SincePositions? _since; // the last positions of topics in which the client has received something before
    private Dictionary<Topic, Stamp>? _left; // where topics were left
    private bool _hasForgottenLeft; // then no position in a topic can be trusted that may have been left
    private bool _hasRefused; // a join, for a temporary reason
    private Resumption? _resumption; // the one in progress
    private List<RoomId>? _joining; // a room is in it once for each join in progress
    private TaskCompletionSource? _flushed; // created when a join waits for topics that were left

    private TaskCompletionSource? _halfEmpty; // completed when a replay may go on
    private long _toldOffset; // of the user's topic; guarded by the lock of that topic

    // That of all subscriptions. It cannot change meanwhile: a reset waits until every connection that holds something has ended.
    private int _generation;

    public override bool IsReceiving => Volatile.Read(ref _all) is not null;

    private TopicIndex Index => connection.Dependencies.Index;

    private KeptTopics Kept => connection.Dependencies.Kept;

    private Topic UserTopic => Topic.User(connection.UserId);

    /// <summary>Gets how long the client has been receiving what it has missed, since the present message began.</summary>
    public TimeSpan ReplayTime
    {
        get
        {
            lock (this)
            {
                return _since?.Timer.Elapsed ?? TimeSpan.Zero;
            }
        }
    }

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
    /// <param name="topic">The topic.</param>
    /// <param name="position">The last position in it.</param>
    /// <param name="limit">The number of topics.</param>
    public bool TryAddSince(Topic topic, Stamp position, int limit)
    {
        lock (this)
        {
            if (_since is not null && _since.Count >= limit && !_since.ContainsKey(topic))
            {
                return false;
            }

            (_since ??= new SincePositions(connection.Dependencies.Wheel))[topic] = position;
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

    /// <summary>
    /// Records that a join was refused. If the client may join the room later, messages to its user there are missing from what it receives before that,
    /// so the topic of its user continues with a gap.
    /// </summary>
    public void RecordRefusal(CommandError error)
    {
        lock (this)
        {
            _hasRefused |= error.MayRetry;
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

    public override Task WhenFlushed()
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

    /// <summary>
    /// Completes a join that has begun: replays what the client has missed, and tells it. It has no other effect if the room is joined already.
    /// </summary>
    public override async ValueTask<bool> TryJoinAsync(RoomId room, SubscriptionHandle acquired, JoinPermit permit, byte[] reference)
    {
        var isOutdated = false;
        var resumption = new Resumption(connection);
        try
        {
            await ResumeAsync(resumption, () => TryJoin(room, resumption, permit, ref acquired, reference, out isOutdated));
        }
        finally
        {
            Release(resumption);
            if (!isOutdated)
            {
                AbandonJoin(room);
                acquired.Dispose(); // those of topics that other rooms have acquired already, or all if the connection has left
            }
        }

        return !isOutdated;
    }

    /// <summary>Tells the client that a room is joined. Returns false if it is not.</summary>
    public bool TryTellJoined(RoomId room, ReadOnlySpan<byte> reference)
    {
        lock (this) // so that it is not said after that the room was left
        {
            var isJoined = !HasLeft && _table.IsJoined(room);
            if (isJoined)
            {
                TellJoined(room, reference);
            }

            return isJoined;
        }
    }

    public override bool TryWithdraw(RoomMembership membership) => TryLeave(membership.Room, default, CommandError.NotAllowed, membership.Topic);

    /// <summary>Leaves a room and tells the client. Returns false if it is not joined.</summary>
    /// <param name="room">The room.</param>
    /// <param name="reference">The ref of the command; empty if there is none.</param>
    /// <param name="reason">Why the client has to leave; null if it wants to.</param>
    /// <param name="only">The membership to end, and no later one; null for any.</param>
    public bool TryLeave(RoomId room, ReadOnlySpan<byte> reference, CommandError? reason = null, Membership? only = null)
    {
        List<Topic> left;
        lock (this)
        {
            if (HasLeft || !_table.IsJoined(room) || (only ?? MembershipOf(room)) != MembershipOf(room))
            {
                return false;
            }

            left = new List<Topic>(3);
            _table.MarkLeft(room);
            foreach (var topic in room.Topics)
            {
                if (_table.Release(topic) is { } membership)
                {
                    Leave(membership);
                    left.Add(topic);
                }
            }

            connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Left(room, reference, reason));
        }

        left.ForEach(topic => Release(topic, connection.Dependencies.Subscriptions.Linger));
        return true;
    }

    /// <summary>
    /// Lets messages to the user and to all connections come, because the joins of the first message are done: a message to the user in one room
    /// matches only after that room was joined.
    /// </summary>
    public Task BeginReceivingAsync()
    {
        var resumption = new Resumption(connection);
        return ResumeAsync(resumption, () => TryBeginReceiving(resumption));
    }

    /// <summary>
    /// Tells the client where the topic of its user stands, if that has moved since the last time. The messages may have been for other rooms, and then
    /// the client has a position that would no longer be kept some day.
    /// </summary>
    public void TellUserPosition()
    {
        if (IsReceiving && Kept.Find(UserTopic) is { } kept)
        {
            lock (kept.Gate)
            {
                if (kept.Head is var head && head.Offset != _toldOffset)
                {
                    _toldOffset = head.Offset;
                    connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).At(UserTopic, head));
                }
            }
        }
    }

    protected override Membership? MembershipOf(RoomId room) => _table.MembershipIn(room.Topic);

    /// <summary>
    /// Completes when less than half of the queue waits, or the connection begins to close. It closes if the socket is gone: then everything is discarded
    /// at once, and nobody reads the end of the socket during a join.
    /// </summary>
    public async ValueTask WhenHalfEmptyAsync()
    {
        while (connection.CloseReason is null && !connection.IsHalfEmpty)
        {
            var halfEmpty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _halfEmpty, halfEmpty);
            if (!connection.IsHalfEmpty) // it may have been sent in between
            {
                await connection.UntilClosing(halfEmpty.Task);
            }
        }

        if (connection.IsGone)
        {
            connection.BeginClose(CloseReason.ConnectionLost);
        }
    }

    /// <summary>Lets a replay go on after the queue was sent.</summary>
    public void OnWritable()
    {
        if (Volatile.Read(ref _halfEmpty) is not null && connection.IsHalfEmpty)
        {
            Interlocked.Exchange(ref _halfEmpty, null)?.SetResult();
        }
    }

    protected override void EnterIndex(SubscriptionHandle subscription)
    {
        _generation = subscription.Generation;
        subscription.Keep(UserTopic);
        Kept.HoldAll();
        Kept.Hold(UserTopic);
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
            Release(membership.Log!.Topic, Kept.Window);
        }

        if (IsEntered)
        {
            Release(UserTopic, Kept.Window);
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

    private void Release(Topic topic, TimeSpan keepFor)
    {
        connection.Dependencies.Subscriptions.Release(topic, _generation);
        Kept.Release(topic, keepFor);
    }

    private void TellJoined(RoomId room, ReadOnlySpan<byte> reference) =>
        connection.Send(new Reply(stackalloc byte[Reply.MaxBytes]).Joined(room, reference));

    // Releases the topics of a join that it has not entered, because it is outdated, the connection has left, or an exception has ended it.
    private void Release(Resumption resumption)
    {
        lock (this)
        {
            foreach (var topic in resumption.Replays.Select(replay => replay.Topic).Where(topic => !_table.IsMember(topic)))
            {
                Kept.Release(topic, Kept.Window);
            }
        }
    }

    // Tries to enter topics until that succeeds or the connection closes, and replays in between. One call at a time runs.
    private async Task ResumeAsync(Resumption resumption, Func<bool> tryEnter)
    {
        while (Begin(resumption) is { } other)
        {
            await other;
        }

        try
        {
            while (!tryEnter())
            {
                await CatchUpAsync(resumption);
                if (connection.CloseReason is not null)
                {
                    break;
                }
            }
        }
        finally
        {
            End(resumption);
        }
    }

    private async Task CatchUpAsync(Resumption resumption)
    {
        lock (this)
        {
            _since?.Timer.Start();
        }

        await resumption.CatchUpAsync();
        lock (this)
        {
            _since?.Timer.Stop();
        }
    }

    // Returns the end of another one that is in progress.
    private Task? Begin(Resumption resumption)
    {
        lock (this)
        {
            if (_resumption is not null)
            {
                return _resumption.WhenEnded();
            }

            _resumption = resumption;
            return null;
        }
    }

    private void End(Resumption resumption)
    {
        lock (this)
        {
            _resumption = null;
            resumption.End();
        }
    }

    // With rights nothing is kept, so there is no replay between the check of the permit and the entry.
    private bool TryJoin(
        RoomId room, Resumption resumption, JoinPermit permit, ref SubscriptionHandle acquired, byte[] reference, out bool isOutdated)
    {
        isOutdated = false;
        lock (this)
        {
            if (HasLeft)
            {
                return true;
            }

            if (!permit.IsCurrent)
            {
                isOutdated = true;
                return true;
            }

            if (_table.IsJoined(room))
            {
                TellJoined(room, reference);
                return true;
            }

            foreach (var topic in room.Topics)
            {
                if (!_table.IsMember(topic) && !resumption.Has(topic))
                {
                    Kept.Hold(topic);
                    resumption.Add(topic, TakeSince(topic));
                }
            }

            connection.HoldOutput();
            try
            {
                if (!resumption.TryEnter())
                {
                    return false;
                }

                foreach (var replay in resumption.Replays)
                {
                    replay.Tell();
                }

                TellJoined(room, reference);
                Add(room, ref acquired);
                resumption.Exit();
                resumption.Clear(); // the memberships hold the topics now
                return true;
            }
            finally
            {
                resumption.Exit();
                connection.ReleaseOutput();
            }
        }
    }

    private bool TryBeginReceiving(Resumption resumption)
    {
        lock (this)
        {
            if (HasLeft)
            {
                return true;
            }

            if (!resumption.Has(UserTopic))
            {
                resumption.Add(Topic.All, TakeSince(Topic.All));
                resumption.Add(UserTopic, TakeSince(UserTopic), _hasRefused ? "refused" : null);
            }

            connection.HoldOutput();
            try
            {
                if (!resumption.TryEnter())
                {
                    return false;
                }

                foreach (var replay in resumption.Replays)
                {
                    _toldOffset = replay.Tell().Offset; // that of the user's topic is the last
                }

                Volatile.Write(ref _all, Index.Join(Topic.All, connection));
                return true;
            }
            finally
            {
                resumption.Exit();
                connection.ReleaseOutput();
            }
        }
    }

    // The methods below are called under the lock.

    // Rooms that are joined, and those that are being joined.
    private int CountRooms() => _table.Count + _joining!.Where(room => !_table.IsJoined(room)).Distinct().Count();

    private void EndJoin(RoomId room)
    {
        _joining!.Remove(room);
        _joining = _joining.Count == 0 ? null : _joining;
    }

    // Everything up to the place where a topic was left has been sent, also if the client had not received it when it named its position.
    private Stamp? TakeSince(Topic topic)
    {
        if (_since is null || !_since.Remove(topic, out var since))
        {
            return null;
        }

        if (_left is null || !_left.TryGetValue(topic, out var left))
        {
            return _hasForgottenLeft ? Stamp.None : since;
        }

        // The position of the client may be of an earlier epoch of the same log.
        return left.Offset > since.Offset && (left.Epoch == since.Epoch || Kept.Find(topic)?.Check(since) is PositionStatus.Covered) ? left : since;
    }

    private void Leave(Membership membership)
    {
        var topic = membership.Log!.Topic;
        if (Kept.Find(topic) is not { } kept)
        {
            Index.Leave(membership);
            return;
        }

        lock (kept.Gate)
        {
            Index.Leave(membership);
            (_left ??= [])[topic] = kept.Head;
        }

        if (_left.Count > connection.Dependencies.Options.MaxSince)
        {
            _left.Clear();
            _hasForgottenLeft = true;
        }
    }

    private void Add(RoomId room, ref SubscriptionHandle acquired)
    {
        foreach (var topic in room.Topics)
        {
            if (!_table.TryUse(topic))
            {
                _table.Add(Index.Join(topic, connection));
                _left?.Remove(topic);
                acquired.Keep(topic);
            }
        }

        _table.MarkJoined(room);
    }
}
