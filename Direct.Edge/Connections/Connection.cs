using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Memory;
using Direct.Timing;

namespace Direct.Edge.Connections;

/// <summary>
/// Represents one live WebSocket. All input of its client enters here, and all output to the client leaves here.
/// </summary>
/// <remarks>
/// Its life: a transport creates it, calls <see cref="Receive"/> until the socket ends or <see cref="IsFinished"/>, and awaits
/// <see cref="EndAsync"/>. One thread at a time receives. Any thread may <see cref="Send"/> and <see cref="BeginClose"/>; the first close
/// reason wins. Then it leaves its topics, which first send everything that was counted as delivered to it; the close frame follows. What
/// arrives meanwhile is discarded up to the client's own close frame, or until the close timeout drops TCP. Only a slow consumer gets its
/// close frame at once, because its queue has no room. Closing never waits for room in a topic: a sender that is held back is released.
/// <para>
/// Its parts: <see cref="FrameHandler"/> reads frames, <see cref="MessageAssembler"/> makes messages of them, <see cref="CommandHandler"/>
/// carries them out, for <c>direct.2</c> <see cref="LineHandler"/>; the handlers are shared by all connections. <see cref="ConnectionTopics"/>
/// holds its memberships of topics, <see cref="OutboundChannel"/> what waits to be sent and the progress of its close, <see cref="ConnectionDeadlines"/> what is due while it
/// is open. The parts that have no lock are structs, so that an idle connection stays small.
/// </para>
/// <para>
/// Locks, the outer ones first: that of <see cref="ConnectionTopics"/>, which guards its memberships in the index; those of the topics in the
/// index, which may send under them, and look up rooms under the lock of <see cref="RoomTable"/>; the gate of <see cref="OutboundChannel"/>, which guards what is sent and why it closes; that of the
/// <see cref="DeadlineWheel"/>, which calls back outside it. The transport is called under the gate of the channel and must not call back.
/// An overflow happens inside a topic's lock, and for that reason it leaves the topics to the thread pool. No lock is held while anything
/// is awaited, or while the cluster's subscriptions are acquired or released.
/// </para>
/// </remarks>
internal sealed class Connection : DeadlineWheel.Entry, IRecipient, IThreadPoolWorkItem
{
    // Room for the answers to a join, and the header of a message.
    private const int ReplyReserveBytes = 4096;

    private readonly ConnectionHub _hub;
    private readonly ConnectionDependencies _dependencies;
    private readonly OutboundChannel _outbound;
    private ConnectionDeadlines _deadlines;
    private InboundState _inbound; // the receiving thread's

    // Written by the receiving thread, read by the recheck of sessions: after the user id.
    private byte[]? _token;

    public Connection(
        long id, ConnectionHub hub, ConnectionDependencies dependencies, ITransportConnection transport, ClientAddress address, bool speaksDirect2 = false)
    {
        (Id, _hub, _dependencies, Address, SpeaksDirect2) = (id, hub, dependencies, address, speaksDirect2);
        dependencies.Wheel.CatchUp();
        var nowMs = dependencies.Wheel.NowMs;
        Topics = speaksDirect2 ? new JoinedRooms(this) : new SingleRoom(this, dependencies.Index);
        _outbound = new OutboundChannel(transport, this, dependencies);
        _deadlines = new ConnectionDeadlines(dependencies.Options, nowMs);
        _inbound = new InboundState(dependencies.Limits, nowMs);
    }

    /// <summary>Gets the id of the connection, which is unique on this node.</summary>
    public long Id { get; }

    public long UserId { get; private set; }

    /// <summary>Gets the token of the session if it is to be checked again; otherwise null.</summary>
    public byte[]? Token => Volatile.Read(ref _token);

    public bool SpeaksDirect2 { get; }

    public ConnectionTopics Topics { get; }

    /// <summary>Gets the room of a connection of the original dialect.</summary>
    public SingleRoom Room => (SingleRoom)Topics;

    /// <summary>Gets the rooms of a connection that speaks <c>direct.2</c>.</summary>
    public JoinedRooms Rooms => (JoinedRooms)Topics;

    public long GroupId => SpeaksDirect2 ? 0 : Room.GroupId;

    public long ChannelId => SpeaksDirect2 ? 0 : Room.ChannelId;

    public ClientAddress Address { get; }

    /// <summary>Gets the services that all connections share.</summary>
    public ConnectionDependencies Dependencies => _dependencies;

    /// <summary>Gets whether the connection counts for the limits of the node.</summary>
    public required bool IsAdmitted { get; init; }

    /// <summary>Gets whether the client has given its token.</summary>
    public bool IsIdentified => Topics.IsEntered;

    /// <summary>
    /// Gets or sets whether nothing more is to be read, because the client has sent or answered a close frame. Only the receiving thread uses it.
    /// </summary>
    public bool IsFinished { get; set; }

    /// <summary>Gets why the connection is closing; null while it is open.</summary>
    public CloseReason? CloseReason => _outbound.CloseReason;

    /// <summary>Gets the memory of the queue, which grows while the client does not read.</summary>
    public long WaitingBytes => _outbound.WaitingBytes;

    /// <summary>
    /// Gets whether less than half of the queue waits, so that it has room for the longest message. Replays leave the other half to live messages.
    /// </summary>
    public bool IsHalfEmpty => _outbound.UnsentBytes < (_dependencies.Options.QueueBytes / 2) - ReplyReserveBytes;

    /// <summary>Gets whether the socket is known to be closed, and what is sent is discarded.</summary>
    public bool IsGone => _outbound.IsGone;

    /// <summary>When it was opened, by the clock of the <see cref="DeadlineWheel"/>.</summary>
    public long OpenedMs => _deadlines.OpenedMs;

    /// <summary>Starts the deadlines.</summary>
    public void Start() => OnDue(_dependencies.Wheel.NowMs);

    /// <summary>Handles the complete frames in the input.</summary>
    public Reception Receive(ReadOnlySpan<byte> input)
    {
        _deadlines.OnInput(_dependencies.Wheel.NowMs);
        var reception = _dependencies.Frames.Receive(this, ref _inbound, input);
        if (SpeaksDirect2)
        {
            CountInput(input.Length - reception.Consumed + _inbound.Assembler.Length);
        }

        return reception;
    }

    /// <summary>Sets the user of the connection when its token has been resolved.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="token">The token, if the session is to be checked again.</param>
    public void Identify(long userId, byte[]? token)
    {
        UserId = userId;
        Volatile.Write(ref _token, token);
    }

    /// <summary>Returns whether another message is within the limit of the connection.</summary>
    public bool TryTakeMessage() => _inbound.Messages.TryTake(_dependencies.Wheel.NowMs);

    /// <summary>Returns whether another join is within the limit of the connection.</summary>
    public bool TryTakeJoin() => _inbound.Joins.TryTake(_dependencies.Wheel.NowMs);

    /// <summary>Completes with <paramref name="work"/>, or when the connection begins to close.</summary>
    public Task UntilClosing(Task work) => _outbound.UntilClosing(work);

    public bool IsReceiving => Topics.IsReceiving;

    public bool Matches(Target target) => (target.User == 0 || target.User == UserId) && Topics.Matches(target);

    public RoomId[] RoomsIn(Target target) => Matches(target) ? Topics.RoomsIn(target) : [];

    /// <summary>
    /// Returns the rooms that the connection is a member of and that <paramref name="part"/> matches; not 0,0, which needs no right. A change of its
    /// memberships that is under way is awaited, so each join is either seen or comes after the call.
    /// </summary>
    public RoomMembership[] MembershipsIn(Target part)
    {
        var rooms = Topics.MembershipsIn(part); // first: the user is known when there are memberships
        return part.User == 0 || part.User == UserId ? rooms : [];
    }

    /// <summary>Queues what is sent from now on, until <see cref="ReleaseOutput"/>. Nothing is awaited in between.</summary>
    public void HoldOutput() => _outbound.Hold();

    /// <summary>Sends what was held, in its order.</summary>
    public void ReleaseOutput() => _outbound.Release();

    public EnqueueResult Send(ReadOnlySpan<byte> frames)
    {
        var result = _outbound.Send(frames);
        if (result is EnqueueResult.Overflow)
        {
            LeaveTopicsLater();
        }

        return result;
    }

    /// <summary>
    /// Closes the connection as slow, because the memory is needed. The client receives the rest of a frame that has been sent in part, and the close
    /// frame. After a second call it receives nothing more.
    /// </summary>
    public void Shed()
    {
        if (_outbound.TryShed())
        {
            LeaveTopicsLater();
        }
    }

    /// <summary>Begins to close with a code of the gateway. It does nothing if the connection is closing already.</summary>
    public void BeginClose(CloseReason reason) => TryBeginClose(reason);

    public bool TryBeginClose(CloseReason reason)
    {
        if (!_outbound.TryBeginClose(reason))
        {
            return false;
        }

        LeaveTopics();
        return true;
    }

    /// <summary>Begins to close because the client has sent a close frame, whose code is echoed.</summary>
    public void AnswerClose(ReadOnlySpan<byte> payload)
    {
        _outbound.AnswerClose(payload);
        LeaveTopics();
    }

    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[2 + ClosePayload.MaxBytes];
        Send(frame[..FrameWriter.Write(frame, opcode, payload)]);
    }

    public void AddPendingFlush() => Topics.AddPendingFlush();

    public void ReleasePendingFlush()
    {
        if (Topics.ReleasePendingFlush())
        {
            _outbound.FinishSending();
        }
    }

    /// <summary>Sends what waits, after the transport has room again.</summary>
    public void OnWritable()
    {
        _outbound.OnWritable();
        if (SpeaksDirect2)
        {
            Rooms.OnWritable();
        }
    }

    /// <summary>
    /// Ends the connection, after the socket has ended or both sides have sent close frames. Completes when the queue has been sent or the
    /// close timeout has dropped TCP; afterwards the connection is in no registry and no topic.
    /// </summary>
    public async Task EndAsync()
    {
        var drained = _outbound.DrainAsync();
        LeaveTopics();
        try
        {
            await drained;
        }
        finally
        {
            _outbound.End();
            CountInput(0);
            _hub.Ended(this);
        }
    }

    internal override void OnDue(long nowMs)
    {
        if (CloseReason is not null)
        {
            _outbound.OnDueWhileClosing(nowMs);
            return;
        }

        // A machine that was suspended has missed all deadlines; the fence is the reason to report.
        var missed = _dependencies.Gate.IsFenced ? CloseReason.GatewayFenced : _deadlines.Missed(_dependencies.Options, nowMs, IsIdentified);
        if (missed is not null)
        {
            BeginClose(missed);
            return;
        }

        if (_deadlines.TryTakePing(_dependencies.Options, nowMs))
        {
            SendControl(Opcode.Ping, default);
            if (SpeaksDirect2)
            {
                Rooms.TellUserPosition();
            }
        }

        _outbound.ScheduleUnlessClosing(_deadlines.NextMs(_dependencies.Options, IsIdentified));
    }

    void IThreadPoolWorkItem.Execute() => LeaveTopics();

    // Counts the input that waits, which may be long in direct.2. Anyone may connect, so a client without a token gets no memory when it is short.
    private void CountInput(int bytes)
    {
        if (bytes == 0 && _inbound.CountedBytes == 0)
        {
            return;
        }

        var queues = _dependencies.Queues;
        queues.Requests.Add(bytes - _inbound.CountedBytes);
        _inbound.CountedBytes = bytes;
        if (bytes > 0 && !IsIdentified && queues.Pressure is MemoryPressure.Exhausted)
        {
            BeginClose(CloseReason.NodeFull);
        }
    }

    // Runs outside the lock of the topic in which an overflow occurred.
    private void LeaveTopicsLater() => Background.Execute(this);

    private void LeaveTopics()
    {
        if (Topics.TryLeave())
        {
            ReleasePendingFlush();
        }
    }
}
