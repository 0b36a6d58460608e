using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Direct.Edge.Topics;

namespace Direct.Edge.Connections;

/// <summary>
/// The sending side of one connection: what waits for the socket, and the close frame behind all of it.
/// </summary>
/// <remarks>
/// One gate guards all of its state. The transport and the wheel are called under it, so that bytes keep their order and nothing replaces
/// the deadline of a close. See <see cref="Connection"/> for the order of locks.
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

    /// <summary>Why it is closing, or null while it is open.</summary>
    public CloseReason? CloseReason => _close.Reason;

    /// <summary>Gets the memory of its queue, which grows when its client does not read.</summary>
    public long WaitingBytes => _queue.Capacity + (long)transport.HeldBytes;

    /// <summary>Takes whole frames. By an overflow it closes as slow.</summary>
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
                if (_queue.IsEmpty || !dependencies.Queues.IsExceeded)
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
    /// Closes it as slow, because the memory is needed: its client gets the rest of the frame that it has a part of, and the close frame.
    /// The second time it gets nothing more, and TCP is dropped.
    /// </summary>
    /// <returns>Whether it was the first time, and something waited.</returns>
    public bool TryShed()
    {
        lock (_gate)
        {
            if (_close.State is CloseState.Ended || (_queue.IsEmpty && transport.HeldBytes == 0))
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

    /// <summary>Begins to close with a code of ours, unless it is closing already: then false.</summary>
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

    /// <summary>Begins to close because the client has, unless it is closing already. The client's own code is echoed.</summary>
    /// <param name="payload">The payload of the client's close frame.</param>
    public void AnswerClose(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (TryBegin(CloseReason.ClientClosed))
            {
                _close.SetPayload(payload[..Math.Min(payload.Length, 2)].ToArray()); // the code alone, if there was one
            }
        }
    }

    /// <summary>Queues the close frame: no topic will send anything any more.</summary>
    public void FinishSending()
    {
        lock (_gate)
        {
            QueueCloseFrame();
        }
    }

    /// <summary>Sends what waits: the transport has room again.</summary>
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

    /// <summary>Completes with <paramref name="work"/>, or when it begins to close.</summary>
    public Task UntilClosing(Task work)
    {
        lock (_gate)
        {
            return _close.UntilBegun(work);
        }
    }

    /// <summary>
    /// Begins to close as lost, unless it is closing already. Completes when what waited has been sent, or has nowhere to go.
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

    /// <summary>Ends it: what still comes is too late, and nothing is due any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _close.End();
            _queue.Clear();
            dependencies.Wheel.Cancel(deadline);
        }
    }

    /// <summary>Schedules a deadline of the open connection. The wheel may lose a race against a close, whose own deadline must stand.</summary>
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
            // The rest has nowhere to go. It is dropped here, because the transport may tell nobody of room any more.
            if (_close.State is not CloseState.Ended)
            {
                _close.OnDropped();
                DropQueue();
            }
        }
    }

    // What waits may not be sent once the node is fenced. It may begin inside a frame, so that no close frame can follow it.
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

    // All of the rest: under the gate.

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

    // Messages that are still queued in the topics have no room, so the close frame does not wait for them. Every other close does.
    private void CloseAsSlow()
    {
        TryBegin(CloseReason.SlowConsumer);
        _close.SetPayload(ClosePayload.Of(CloseReason.SlowConsumer));
        _close.Reopen();
        QueueCloseFrame();
    }

    // Behind what waits: a client that reads again gets all that came before, and why it ended.
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
