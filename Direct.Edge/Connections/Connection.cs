using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// One live WebSocket. Everything that its client sends enters here, and everything that is sent to the client leaves here.
/// </summary>
/// <remarks>
/// Its life: a transport makes it, feeds <see cref="Receive"/> until the socket ends or <see cref="IsFinished"/>, and awaits
/// <see cref="EndAsync"/>. One thread at a time receives. Anyone may <see cref="Send"/> and <see cref="BeginClose"/>; the first close
/// reason wins. Then it leaves its topics, which first send everything that was counted as delivered to it; the close frame follows. What
/// arrives meanwhile is discarded up to the client's own close frame, or until the close timeout drops TCP. Only a slow consumer gets its
/// close frame at once, because its queue has no room. Closing never waits for room in a topic: a sender that is held back is released.
/// <para>
/// Its parts: <see cref="FrameHandler"/> reads frames, <see cref="MessageAssembler"/> makes messages of them, <see cref="CommandHandler"/>
/// does what they say; the two handlers are shared by all connections. <see cref="ConnectionTopics"/> holds its places in the topics,
/// <see cref="OutboundChannel"/> what waits to be sent and the progress of its close, <see cref="ConnectionDeadlines"/> what is due while it
/// is open. The parts that have no lock are structs, so that an idle connection stays small.
/// </para>
/// <para>
/// Locks, the outer ones first: that of <see cref="ConnectionTopics"/>, which guards its places in the index; those of the topics in the
/// index, which may send under them; the gate of <see cref="OutboundChannel"/>, which guards what is sent and why it closes; that of the
/// <see cref="DeadlineWheel"/>, which calls back outside it. The transport is called under the gate of the channel and must not call back.
/// An overflow happens inside a topic's lock, and for that reason it leaves the topics to the thread pool. No lock is held while anything
/// is awaited, or while the cluster's subscriptions are held or let go.
/// </para>
/// </remarks>
internal sealed class Connection : DeadlineWheel.Entry, IRecipient, IThreadPoolWorkItem
{
    private readonly ConnectionHub _hub;
    private readonly ConnectionDependencies _dependencies;
    private readonly OutboundChannel _outbound;
    private ConnectionDeadlines _deadlines;
    private InboundState _inbound; // the receiving thread's

    // Written by the receiving thread, read by the recheck of sessions: after the user id.
    private byte[]? _token;

    public Connection(
        long id, ConnectionHub hub, ConnectionDependencies dependencies, ITransportConnection transport, ClientAddress address)
    {
        (Id, _hub, _dependencies, Address) = (id, hub, dependencies, address);
        dependencies.Wheel.CatchUp();
        var nowMs = dependencies.Wheel.NowMs;
        Topics = new ConnectionTopics(this, dependencies.Index);
        _outbound = new OutboundChannel(transport, this, dependencies);
        _deadlines = new ConnectionDeadlines(dependencies.Options, nowMs);
        _inbound = new InboundState(dependencies.Limits, nowMs);
    }

    /// <summary>Unique on this node.</summary>
    public long Id { get; }

    public long UserId { get; private set; }

    /// <summary>The token of its session while that is to be checked again; else null.</summary>
    public byte[]? Token => Volatile.Read(ref _token);

    public ConnectionTopics Topics { get; }

    public long GroupId => Topics.GroupId;

    public long ChannelId => Topics.ChannelId;

    public ClientAddress Address { get; }

    /// <summary>Whether it counts against the limits of the node.</summary>
    public required bool IsAdmitted { get; init; }

    /// <summary>Whether the token has been taken.</summary>
    public bool IsIdentified => Topics.IsEntered;

    /// <summary>Whether there is nothing more to read: the client has sent or answered a close frame. Only the receiving thread uses it.</summary>
    public bool IsFinished { get; set; }

    /// <summary>Why it is closing, or null while it is open.</summary>
    public CloseReason? CloseReason => _outbound.CloseReason;

    /// <summary>The memory of its queue, which grows when its client does not read.</summary>
    public long WaitingBytes => _outbound.WaitingBytes;

    /// <summary>When it was opened, by the clock of the <see cref="DeadlineWheel"/>.</summary>
    public long OpenedMs => _deadlines.OpenedMs;

    /// <summary>Starts its deadlines.</summary>
    public void Start() => OnDue(_dependencies.Wheel.NowMs);

    /// <summary>Handles what the client has sent, as far as it is whole.</summary>
    public Reception Receive(ReadOnlySpan<byte> input)
    {
        _deadlines.OnInput(_dependencies.Wheel.NowMs);
        return _dependencies.Frames.Receive(this, ref _inbound, input);
    }

    /// <summary>Its token has been resolved.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="token">The token, if the session is to be checked again.</param>
    public void Identify(long userId, byte[]? token)
    {
        UserId = userId;
        Volatile.Write(ref _token, token);
    }

    /// <summary>Whether another join is within the limit of the connection.</summary>
    public bool TryTakeJoin() => _inbound.Joins.TryTake(_dependencies.Wheel.NowMs);

    /// <summary>Completes with <paramref name="work"/>, or when it begins to close.</summary>
    public Task UntilClosing(Task work) => _outbound.UntilClosing(work);

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
    /// Closes it as slow, because the memory is needed: its client gets the rest of the frame that it has a part of, and the close frame.
    /// The second time it gets nothing more.
    /// </summary>
    public void Shed()
    {
        if (_outbound.TryShed())
        {
            LeaveTopicsLater();
        }
    }

    /// <summary>Starts closing with our own code. Does nothing on a connection that is closing already.</summary>
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

    /// <summary>Begins to close because the client has; its own code is echoed.</summary>
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

    /// <summary>The transport has room again.</summary>
    public void OnWritable() => _outbound.OnWritable();

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

        // A machine that was suspended has missed all deadlines, and the fence is the reason.
        var missed = _dependencies.Gate.IsFenced ? CloseReason.GatewayFenced : _deadlines.Missed(_dependencies.Options, nowMs, IsIdentified);
        if (missed is not null)
        {
            BeginClose(missed);
            return;
        }

        if (_deadlines.TryTakePing(_dependencies.Options, nowMs))
        {
            SendControl(Opcode.Ping, default);
        }

        _outbound.ScheduleUnlessClosing(_deadlines.NextMs(_dependencies.Options, IsIdentified));
    }

    void IThreadPoolWorkItem.Execute() => LeaveTopics();

    // Outside the lock of the topic that an overflow has happened in.
    private void LeaveTopicsLater() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void LeaveTopics()
    {
        if (Topics.TryLeave())
        {
            ReleasePendingFlush();
        }
    }
}
