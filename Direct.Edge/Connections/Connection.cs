using System.Text.Unicode;
using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// One live WebSocket.
/// </summary>
/// <remarks>
/// Its life: a transport makes it, feeds <see cref="Receive"/> until the socket ends or <see cref="IsFinished"/>, and awaits
/// <see cref="EndAsync"/>. One thread at a time receives. Anyone may <see cref="Send"/> and <see cref="BeginClose"/>; the first close
/// reason wins. Then it leaves its topics, which first send it all that it was counted for; behind that goes the close frame. What
/// arrives meanwhile is thrown away up to the client's own close frame - or until the close timeout drops TCP. Only a slow consumer gets
/// its close frame at once, because there is no room for more. Closing never waits for room in a topic: a sender that is held back is let go.
/// <para>
/// Locks: <c>_sendGate</c> guards what is sent and is innermost: only the transport is called under it. <c>_topicGate</c> guards the
/// connection's places in the index, whose own locks are taken inside it; for that reason an overflow, which happens inside a topic's
/// lock, leaves the index to the thread pool.
/// </para>
/// </remarks>
internal sealed class Connection(ConnectionHub hub, ITransportConnection transport, ClientAddress address)
    : DeadlineWheel.Entry, IRecipient, IThreadPoolWorkItem
{
    private const int MaxSendBytes = 64 * 1024;

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly Lock _sendGate = new();
    private readonly Lock _topicGate = new();
    private readonly long _openedMs = hub.Wheel.NowMs;

    // Guarded by _sendGate.
    private OutboundQueue _queue;
    private int _countedBytes; // of the queue's buffer, in the budget
    private bool _isCut;
    private bool _hasEnded;
    private CloseReason? _closeReason;
    private byte[]? _closePayload; // of the close frame, until it has been queued
    private bool _isCloseQueued;
    private TaskCompletionSource? _closing; // there once input has waited for room
    private TaskCompletionSource? _drained;

    // Guarded by _topicGate.
    private TopicIndex.Places _places;
    private bool _isEntered;
    private bool _hasExited;

    // Topics that still have to send what was said before this connection left them, and one for not having left them all.
    private int _owed = 1;

    // The receiving thread's.
    private TokenBucket _messages = hub.NewMessageBucket();
    private TokenBucket _joins = hub.NewJoinBucket();
    private byte[]? _fragments;
    private int _fragmentBytes;
    private bool _isFragmentedText;
    private bool _isInMessage;
    private FrameSkipper? _skipper; // after frames that were refused

    // Written by the receiving thread, read by the recheck of sessions: after the user id.
    private byte[]? _token;

    // Written by the receiving thread, read by the wheel.
    private long _heardMs = hub.Wheel.NowMs;
    private long _closeDueMs = long.MaxValue;

    // The wheel's.
    private long _pingDueMs = hub.Wheel.NowMs + (long)hub.Options.PingInterval.TotalMilliseconds;

    /// <summary>Unique on this node.</summary>
    public long Id { get; } = hub.NextConnectionId();

    public long UserId { get; private set; }

    /// <summary>The token of its session while that is to be checked again; else null.</summary>
    public byte[]? Token => Volatile.Read(ref _token);

    public long GroupId { get; private set; }

    public long ChannelId { get; private set; }

    public ClientAddress Address { get; } = address;

    /// <summary>Whether it counts against the limits of the node.</summary>
    public required bool IsAdmitted { get; init; }

    /// <summary>Whether the token has been taken.</summary>
    public bool IsIdentified => Volatile.Read(ref _isEntered);

    /// <summary>Whether there is nothing more to read: the client has said or answered goodbye.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Why it is closing, or null while it is open.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _closeReason);

    /// <summary>What it takes of the memory because its client does not read.</summary>
    public long WaitingBytes => Volatile.Read(ref _countedBytes) + (long)transport.HeldBytes;

    /// <summary>Handles what the client has sent, as far as it is whole.</summary>
    public Reception Receive(ReadOnlySpan<byte> input)
    {
        Volatile.Write(ref _heardMs, hub.Wheel.NowMs);
        var consumed = 0;
        while (!IsFinished && _skipper is null)
        {
            var status = FrameReader.TryRead(
                input[consumed..], hub.Options.MaxMessageBytes - _fragmentBytes, out var frame, out var frameBytes, out var refusal);
            if (status is FrameStatus.NeedMore)
            {
                return new Reception(consumed, null);
            }

            if (status is FrameStatus.Refused)
            {
                Refuse(refusal!);
                break;
            }

            consumed += frameBytes;
            if (PendingOf(Handle(frame)) is { } pending)
            {
                return new Reception(consumed, pending);
            }
        }

        if (_skipper is not null)
        {
            consumed += _skipper.Skip(input[consumed..]);
            IsFinished |= _skipper.HasSeenClose;
        }

        return new Reception(IsFinished ? input.Length : consumed, null);
    }

    public EnqueueResult Send(ReadOnlySpan<byte> frames)
    {
        lock (_sendGate)
        {
            if (_isCloseQueued)
            {
                return EnqueueResult.Closed;
            }

            if (_queue.Length + frames.Length <= hub.Options.QueueBytes)
            {
                TakeOrQueue(frames);
                if (_queue.IsEmpty || !hub.Queues.IsExceeded)
                {
                    return EnqueueResult.Queued;
                }

                Cut();
                hub.Queues.ReaderClosed();
            }

            StartClosing(CloseReason.SlowConsumer);
            _closePayload ??= ClosePayload.Of(CloseReason.SlowConsumer);
            QueueClose();
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return EnqueueResult.Overflow;
    }

    /// <summary>
    /// Closes it as slow, because the memory is needed: its client gets the rest of the frame that it has a part of, and the close frame.
    /// The second time it gets nothing more.
    /// </summary>
    public void Shed()
    {
        bool isSecond;
        lock (_sendGate)
        {
            if (_hasEnded || (_queue.IsEmpty && transport.HeldBytes == 0))
            {
                return;
            }

            isSecond = _isCut;
            Cut();
            if (_closeReason is null)
            {
                hub.Queues.ReaderClosed();
            }

            StartClosing(CloseReason.SlowConsumer);
            _closePayload ??= ClosePayload.Of(_closeReason!);
            _isCloseQueued = false; // the close frame may have gone with the rest
            QueueClose();
            if (isSecond)
            {
                _queue.Clear();
                Count();
                TellIfDrained();
            }
        }

        if (isSecond)
        {
            transport.Abort();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Starts closing with our own code. Does nothing on a connection that is closing already.</summary>
    public void BeginClose(CloseReason reason) => TryBeginClose(reason);

    public bool TryBeginClose(CloseReason reason)
    {
        lock (_sendGate)
        {
            if (_closeReason is not null)
            {
                return false;
            }

            StartClosing(reason);
            _closePayload = ClosePayload.Of(reason);
        }

        LeaveTopics();
        return true;
    }

    public void Owe() => Interlocked.Increment(ref _owed);

    public void Paid()
    {
        if (Interlocked.Decrement(ref _owed) > 0)
        {
            return;
        }

        lock (_sendGate)
        {
            QueueClose();
        }
    }

    /// <summary>The transport has room again.</summary>
    public void OnWritable()
    {
        if (hub.Gate.IsFenced && TryDropQueue())
        {
            transport.Abort();
            return;
        }

        lock (_sendGate)
        {
            while (!_queue.IsEmpty)
            {
                var waiting = _queue.Waiting;
                var slice = waiting[..Math.Min(waiting.Length, MaxSendBytes)];
                var taken = transport.TrySend(slice);
                _queue.Advance(taken);
                if (taken < slice.Length)
                {
                    return;
                }
            }

            Count();
            TellIfDrained();
        }
    }

    /// <summary>
    /// The one way out: the socket has ended, or both sides have said goodbye. Completes when what waited has been sent or the close
    /// timeout has dropped TCP; afterwards nobody knows this connection.
    /// </summary>
    public async Task EndAsync()
    {
        Task drained;
        lock (_sendGate)
        {
            StartClosing(CloseReason.ConnectionLost);
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _closeReason == CloseReason.ConnectionLost ? Task.CompletedTask : _drained.Task;
            TellIfDrained();
        }

        LeaveTopics();
        try
        {
            await drained;
        }
        finally
        {
            hub.Wheel.Cancel(this);
            lock (_sendGate)
            {
                _isCloseQueued = true; // whoever still owes it something is too late
                _hasEnded = true;
                _queue.Clear();
                Count();
            }

            hub.Ended(this, _openedMs);
        }
    }

    internal override void OnDue(long nowMs)
    {
        if (CloseReason is not null)
        {
            OnDueWhileClosing(nowMs);
            return;
        }

        if (hub.Gate.IsFenced)
        {
            BeginClose(CloseReason.GatewayFenced); // a machine that was suspended has missed all deadlines, and this is the reason
            return;
        }

        var readDueMs = Volatile.Read(ref _heardMs) + (long)hub.Options.ReadTimeout.TotalMilliseconds;
        var tokenDueMs = IsIdentified ? long.MaxValue : _openedMs + (long)hub.Options.TokenTimeout.TotalMilliseconds;
        if (nowMs >= tokenDueMs)
        {
            BeginClose(CloseReason.TokenTimeout);
            return;
        }

        if (nowMs >= readDueMs)
        {
            BeginClose(CloseReason.KeepAliveTimeout);
            return;
        }

        if (nowMs >= _pingDueMs)
        {
            SendControl(Opcode.Ping, default);
            _pingDueMs = nowMs + (long)hub.Options.PingInterval.TotalMilliseconds;
        }

        ScheduleUnlessClosing(Math.Min(_pingDueMs, Math.Min(readDueMs, tokenDueMs)));
    }

    /// <summary>Starts its deadlines.</summary>
    public void Start() => OnDue(hub.Wheel.NowMs);

    // The second half of an overflow, outside the lock of the topic it happened in.
    void IThreadPoolWorkItem.Execute() => LeaveTopics();

    private static Task? PendingOf(ValueTask work) => work.IsCompletedSuccessfully ? null : work.AsTask();

    // The wheel may lose a race against a close that starts now; the close's own deadline must stand.
    private void ScheduleUnlessClosing(long dueMs)
    {
        lock (_sendGate)
        {
            if (_closeReason is null)
            {
                hub.Wheel.Schedule(this, dueMs);
            }
        }
    }

    private void OnDueWhileClosing(long nowMs)
    {
        if (nowMs >= Volatile.Read(ref _closeDueMs))
        {
            transport.Abort();
            lock (_sendGate)
            {
                _drained?.TrySetResult(); // the rest has nowhere to go
            }
        }
        else
        {
            hub.Wheel.Schedule(this, _closeDueMs);
        }
    }

    private ValueTask Handle(in Frame frame)
    {
        if (frame.Opcode is Opcode.Close)
        {
            HandleClose(frame);
            return default;
        }

        if (CloseReason is not null)
        {
            return default; // only the client's goodbye counts now
        }

        if (frame.Opcode is Opcode.Pong)
        {
            return default;
        }

        if (!hub.TakeMessage(ref _messages))
        {
            BeginClose(CloseReason.MessageRate);
            return default;
        }

        if (frame.Opcode is not Opcode.Ping)
        {
            return HandleData(frame);
        }

        Span<byte> payload = stackalloc byte[frame.PayloadLength];
        frame.CopyPayloadTo(payload);
        SendControl(Opcode.Pong, payload);
        return default;
    }

    private ValueTask HandleData(in Frame frame)
    {
        if (_isInMessage != frame.Opcode is Opcode.Continuation)
        {
            BeginClose(CloseReason.ProtocolError);
            return default;
        }

        if (frame.IsFinal && !_isInMessage)
        {
            var scratch = _scratch ??= new byte[1024];
            if (scratch.Length < frame.PayloadLength)
            {
                scratch = _scratch = new byte[frame.PayloadLength];
            }

            frame.CopyPayloadTo(scratch);
            return HandleMessage(scratch.AsMemory(0, frame.PayloadLength), frame.Opcode is Opcode.Text);
        }

        AddFragment(frame);
        if (!frame.IsFinal)
        {
            return default;
        }

        var message = _fragments.AsMemory(0, _fragmentBytes);
        _fragments = null;
        _fragmentBytes = 0;
        _isInMessage = false;
        return HandleMessage(message, _isFragmentedText);
    }

    private void AddFragment(in Frame frame)
    {
        if (!_isInMessage)
        {
            _isInMessage = true;
            _isFragmentedText = frame.Opcode is Opcode.Text;
        }

        // Grows with what has come: the first byte of a message must not cost the memory of the longest one.
        var messageBytes = _fragmentBytes + frame.PayloadLength;
        if (_fragments is null || _fragments.Length < messageBytes)
        {
            Array.Resize(ref _fragments, Math.Min(Math.Max(messageBytes, 2 * _fragmentBytes), hub.Options.MaxMessageBytes));
        }

        frame.CopyPayloadTo(_fragments.AsSpan(_fragmentBytes));
        _fragmentBytes = messageBytes;
    }

    // The message is valid during the call only: whoever waits copies what it needs first.
    private ValueTask HandleMessage(ReadOnlyMemory<byte> message, bool isText)
    {
        hub.Metrics.MessageReceived();
        if (isText && !Utf8.IsValid(message.Span))
        {
            BeginClose(CloseReason.InvalidUtf8);
            return default;
        }

        if (!IsIdentified)
        {
            return IdentifyAsync(hub.Identities.ResolveAsync(message, Address.Text));
        }

        var command = Command.Parse(message.Span);
        switch (command.Kind)
        {
            case CommandKind.Join:
                if (command.IsMalformed)
                {
                    hub.Metrics.JoinMalformed();
                }

                if (hub.TakeJoin(ref _joins, Address) is { } refusal)
                {
                    BeginClose(refusal);
                    return default;
                }

                return JoinAsync(command.Group, command.Channel);
            case CommandKind.Broadcast when isText || Utf8.IsValid(command.Text):
                return WaitForRoom(hub.BroadcastAsync(GroupId, ChannelId, message[^command.Text.Length..]));
            case CommandKind.Broadcast:
                BeginClose(CloseReason.InvalidUtf8);
                return default;
            default:
                BeginClose(CloseReason.InvalidCommand);
                return default;
        }
    }

    // The broadcast has been published by now. Its sender is not read until there is room for another; but it can be closed meanwhile, and its
    // end must not wait for others.
    private ValueTask WaitForRoom(ValueTask room) => room.IsCompletedSuccessfully ? room : new ValueTask(WaitForRoom(room.AsTask()));

    private Task WaitForRoom(Task room)
    {
        lock (_sendGate)
        {
            if (_closeReason is not null)
            {
                return Task.CompletedTask;
            }

            _closing ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return Task.WhenAny(room, _closing.Task).Unwrap();
        }
    }

    private async ValueTask IdentifyAsync(ValueTask<IdentityResult> resolving)
    {
        var identity = await resolving;
        if (identity.Refusal is { } refusal)
        {
            BeginClose(refusal);
            return;
        }

        UserId = identity.UserId;
        Volatile.Write(ref _token, identity.Token);
        if (!await hub.Subscriptions.TryAcquireAsync(Topic.User(UserId)))
        {
            BeginClose(CloseReason.SubscribeTimeout);
            return;
        }

        lock (_topicGate)
        {
            if (_hasExited)
            {
                hub.Subscriptions.Release(Topic.User(UserId));
                return;
            }

            _places = hub.Index.Enter(this);
            Volatile.Write(ref _isEntered, true);
        }

        hub.Admission.Authenticated();
    }

    // The old room stays until the cluster has confirmed the new one; then the index switches at once.
    private async ValueTask JoinAsync(long group, long channel)
    {
        if (!await hub.Subscriptions.TryAcquireRoomsAsync(group, channel))
        {
            BeginClose(CloseReason.SubscribeTimeout);
            return;
        }

        long oldGroup, oldChannel;
        lock (_topicGate)
        {
            if (_hasExited)
            {
                (oldGroup, oldChannel) = (group, channel);
            }
            else
            {
                (oldGroup, oldChannel) = (GroupId, ChannelId);
                (GroupId, ChannelId) = (group, channel);
                _places = hub.Index.Move(this, _places);
            }
        }

        hub.Subscriptions.ReleaseRooms(oldGroup, oldChannel);
    }

    private void HandleClose(in Frame frame)
    {
        Span<byte> payload = stackalloc byte[frame.PayloadLength];
        frame.CopyPayloadTo(payload);
        IsFinished = true;
        if (CloseReason is not null)
        {
            return; // the answer to ours, or goodbyes that crossed
        }

        if (ClosePayload.Refusal(payload) is { } refusal)
        {
            BeginClose(refusal);
            return;
        }

        lock (_sendGate)
        {
            if (_closeReason is null)
            {
                StartClosing(CloseReason.ClientClosed);
                _closePayload = payload[..Math.Min(payload.Length, 2)].ToArray(); // the code alone, if there was one
            }
        }

        LeaveTopics();
    }

    private void Refuse(CloseReason refusal)
    {
        _skipper = new FrameSkipper();
        BeginClose(refusal);
    }

    private void SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[2 + ClosePayload.MaxBytes];
        Send(frame[..FrameWriter.Write(frame, opcode, payload)]);
    }

    // Under _sendGate. Behind whatever waits: a client that reads again learns all that came before, and why it ended.
    private void QueueClose()
    {
        if (_isCloseQueued || _closePayload is null)
        {
            return;
        }

        _isCloseQueued = true;
        Span<byte> frame = stackalloc byte[2 + ClosePayload.MaxBytes];
        TakeOrQueue(frame[..FrameWriter.Write(frame, Opcode.Close, _closePayload)]);
        TellIfDrained();
    }

    // What waits may not be sent once the node is fenced. It may begin inside a frame, so that no close frame can follow it.
    private bool TryDropQueue()
    {
        lock (_sendGate)
        {
            if (_queue.IsEmpty)
            {
                return false;
            }

            StartClosing(CloseReason.GatewayFenced);
            _isCloseQueued = true;
            _queue.Clear();
            Count();
            TellIfDrained();
            return true;
        }
    }

    // Under _sendGate.
    private void TellIfDrained()
    {
        if (_isCloseQueued && _queue.IsEmpty)
        {
            _drained?.TrySetResult();
        }
    }

    // Under _sendGate. The first reason wins.
    private void StartClosing(CloseReason reason)
    {
        _closeReason ??= reason;
        _closing?.TrySetResult();
        if (_closeDueMs == long.MaxValue)
        {
            _closeDueMs = hub.Wheel.CurrentMs + (long)hub.Options.CloseTimeout.TotalMilliseconds;
            hub.Wheel.Schedule(this, _closeDueMs);
        }
    }

    // Under _sendGate.
    private void TakeOrQueue(ReadOnlySpan<byte> bytes)
    {
        var taken = _queue.IsEmpty ? transport.TrySend(bytes) : 0;
        if (taken < bytes.Length)
        {
            _queue.Append(bytes, taken);
            Count();
        }
    }

    // Under _sendGate.
    private void Cut()
    {
        _isCut = true;
        _queue.Cut();
        Count();
    }

    // Under _sendGate. Of the buffer, not of what is in it: that is what the memory holds.
    private void Count()
    {
        if (_queue.Capacity != _countedBytes)
        {
            hub.Queues.Connections.Add(_queue.Capacity - _countedBytes);
            Volatile.Write(ref _countedBytes, _queue.Capacity);
        }
    }

    private void LeaveTopics()
    {
        lock (_topicGate)
        {
            if (_hasExited)
            {
                return;
            }

            _hasExited = true;
            if (_isEntered)
            {
                hub.Index.Exit(this, _places);
                _places = default;
            }
        }

        if (_isEntered)
        {
            hub.Subscriptions.Release(Topic.User(UserId));
            hub.Subscriptions.ReleaseRooms(GroupId, ChannelId);
        }

        Paid();
    }
}

/// <summary>What became of some input.</summary>
/// <param name="Consumed">Bytes handled; the rest is the start of a frame that is not whole yet, or waits for <paramref name="Pending"/>.</param>
/// <param name="Pending">When set, input is held until it completes; then the rest is to be handed in again.</param>
internal readonly record struct Reception(int Consumed, Task? Pending);
