using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>Sends the frames of one connection: it holds the queue for the socket, and sends the close frame after it.</summary>
/// <remarks>
/// One gate guards all of its state. The transport and the wheel are called under it, so that bytes keep their order and nothing replaces the
/// deadline of a close. See <see cref="Connection"/> for the order of locks.
/// </remarks>
/// <param name="transport">The socket.</param>
/// <param name="deadline">The entry that the wheel calls when the close has taken too long.</param>
/// <param name="dependencies">The services that all connections share.</param>
internal sealed class OutboundChannel(ITransportConnection transport, DeadlineWheel.Entry deadline, ConnectionDependencies dependencies)
{
    private readonly Lock _gate = new();

    // Guarded by the gate.
    private OutboundQueue _queue = new(dependencies.Queues.Connections);
    private CloseProgress _close;

    /// <summary>Gets why the connection is closing; null while it is open.</summary>
    public CloseReason? CloseReason => _close.Reason;

    /// <summary>Gets the memory of the queue, which grows while the client does not read.</summary>
    public long WaitingBytes => _queue.Capacity + (long)transport.HeldBytes;

    /// <summary>Gets whether the socket is known to be closed, and what is sent is discarded.</summary>
    public bool IsGone => transport.IsGone;

    /// <summary>Gets the bytes that the client has not received, as far as this node knows.</summary>
    public int UnsentBytes
    {
        get
        {
            lock (_gate)
            {
                return _queue.Length + transport.HeldBytes;
            }
        }
    }

    /// <summary>Queues complete frames. An overflow closes the connection as slow.</summary>
    public EnqueueResult Send(ReadOnlySpan<byte> frames)
    {
        lock (_gate)
        {
            if (_close.State >= CloseState.Closed)
            {
                return EnqueueResult.Closed;
            }

            if (_queue.Length + frames.Length <= dependencies.Options.QueueBytes)
            {
                _queue.Send(frames, transport);
                if (_queue.IsEmpty || _queue.IsHeld || !dependencies.Queues.IsExceeded)
                {
                    return EnqueueResult.Queued;
                }

                Cut();
                dependencies.Queues.ReaderClosed();
            }

            CloseAsSlow();
            return EnqueueResult.Overflow;
        }
    }

    /// <summary>
    /// Closes the connection as slow, because the memory is needed. The client receives the rest of a frame that has been sent in part, and the close
    /// frame. At a second call nothing more is sent, and TCP is dropped.
    /// </summary>
    /// <returns>Whether this was the first call and the queue was not empty.</returns>
    public bool TryShed()
    {
        lock (_gate)
        {
            if (_close.State is CloseState.Ended || _queue.IsHeld || (_queue.IsEmpty && transport.HeldBytes == 0))
            {
                return false;
            }

            var isFirst = !_close.IsCut;
            Cut();
            if (_close.State is CloseState.Open)
            {
                dependencies.Queues.ReaderClosed();
            }

            CloseAsSlow();
            if (isFirst)
            {
                return true;
            }

            DropQueue();
        }

        transport.Abort();
        return false;
    }

    /// <summary>Begins to close with a code of the gateway. Returns false if the connection is closing already.</summary>
    public bool TryBeginClose(CloseReason reason)
    {
        lock (_gate)
        {
            var isFirst = TryBegin(reason);
            if (isFirst)
            {
                _close.SetPayload(ClosePayload.Of(reason));
            }

            return isFirst;
        }
    }

    /// <summary>
    /// Begins to close because the client has sent a close frame, unless the connection is closing already. The client's code is echoed.
    /// </summary>
    /// <param name="payload">The payload of the client's close frame.</param>
    public void AnswerClose(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (TryBegin(CloseReason.ClientClosed))
            {
                _close.SetPayload(payload[..Math.Min(payload.Length, 2)].ToArray()); // only the code, if there was one
            }
        }
    }

    /// <summary>Queues the close frame, after the last topic has sent its messages.</summary>
    public void FinishSending()
    {
        lock (_gate)
        {
            QueueCloseFrame();
        }
    }

    /// <summary>Queues what is sent from now on, until <see cref="Release"/>. What is queued then goes out in one piece, in its order.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _queue.Hold();
        }
    }

    /// <summary>Sends what was held.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _queue.Unhold();
        }

        OnWritable();
    }

    /// <summary>Sends the queue, after the transport has room again.</summary>
    public void OnWritable()
    {
        if (dependencies.Gate.IsFenced && TryDropQueue())
        {
            transport.Abort();
            return;
        }

        lock (_gate)
        {
            if (_queue.TryFlush(transport))
            {
                SignalIfDrained();
            }
        }
    }

    /// <summary>Completes with <paramref name="work"/>, or when the connection begins to close.</summary>
    public Task UntilClosing(Task work)
    {
        lock (_gate)
        {
            return _close.UntilBegun(work);
        }
    }

    /// <summary>
    /// Begins to close as lost, unless the connection is closing already. Completes when the queue has been sent or can no longer be sent.
    /// </summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            TryBegin(CloseReason.ConnectionLost);
            var drained = _close.WhenDrained();
            SignalIfDrained();
            return drained;
        }
    }

    /// <summary>Ends the channel: later frames are discarded, and no deadline remains.</summary>
    public void End()
    {
        lock (_gate)
        {
            _close.End();
            _queue.Clear();
            dependencies.Wheel.Cancel(deadline);
        }
    }

    /// <summary>
    /// Schedules a deadline of the open connection. The wheel may lose a race against a close, whose own deadline must stay in force.
    /// </summary>
    public void ScheduleUnlessClosing(long dueMs)
    {
        lock (_gate)
        {
            if (_close.State is CloseState.Open)
            {
                dependencies.Wheel.Schedule(deadline, dueMs);
            }
        }
    }

    /// <summary>Drops TCP when the close has taken too long.</summary>
    public void OnDueWhileClosing(long nowMs)
    {
        lock (_gate)
        {
            if (_close.State is CloseState.Ended)
            {
                return;
            }

            if (nowMs < _close.DueMs)
            {
                dependencies.Wheel.Schedule(deadline, _close.DueMs);
                return;
            }
        }

        transport.Abort();
        lock (_gate)
        {
            // The rest can no longer be sent. It is dropped here, because the transport may not report room any more.
            if (_close.State is not CloseState.Ended)
            {
                _close.OnDropped();
                DropQueue();
            }
        }
    }

    // The queue must not be sent after the node is fenced. It may begin within a frame, so that no close frame can follow.
    private bool TryDropQueue()
    {
        lock (_gate)
        {
            if (_queue.IsEmpty)
            {
                return false;
            }

            TryBegin(CloseReason.GatewayFenced);
            _close.OnDropped();
            DropQueue();
            return true;
        }
    }

    // All methods below are called under the gate.

    // The first reason wins.
    private bool TryBegin(CloseReason reason)
    {
        if (_close.State is not CloseState.Open)
        {
            return false;
        }

        _close.Begin(reason, dependencies.Wheel.CurrentMs + (long)dependencies.Options.CloseTimeout.TotalMilliseconds);
        dependencies.Wheel.Schedule(deadline, _close.DueMs);
        return true;
    }

    // Messages that are still queued in the topics have no room, so this close frame does not wait for them. Every other close does.
    private void CloseAsSlow()
    {
        TryBegin(CloseReason.SlowConsumer);
        _close.SetPayload(ClosePayload.Of(CloseReason.SlowConsumer));
        _close.Reopen();
        QueueCloseFrame();
    }

    // After the queue: a client that reads again receives everything that was sent before, and the reason.
    private void QueueCloseFrame()
    {
        Span<byte> frame = stackalloc byte[2 + ClosePayload.MaxBytes];
        if (_close.TryWriteFrame(frame, out var frameBytes))
        {
            _queue.Send(frame[..frameBytes], transport);
            SignalIfDrained();
        }
    }

    private void Cut()
    {
        _queue.Cut();
        _close.OnCut();
    }

    private void DropQueue()
    {
        _queue.Clear();
        SignalIfDrained();
    }

    private void SignalIfDrained()
    {
        if (_close.State >= CloseState.Closed && _queue.IsEmpty)
        {
            _close.OnDrained();
        }
    }
}
