using Direct.Edge.Protocol;
using Direct.Timing;

namespace Direct.Edge.Connections;

/// <summary>Holds the progress of a connection's close: the reason, the close frame, and the tasks that wait for either.</summary>
/// <remarks>Not thread-safe: the gate of <see cref="OutboundChannel"/> guards it. Only the reason may be read without it.</remarks>
internal struct CloseProgress
{
    private CloseReason? _reason;
    private byte[]? _payload; // the payload of the close frame
    private TaskCompletionSource? _begun; // created when input waits for room
    private TaskCompletionSource? _drained; // created when the connection ends

    public CloseState State { readonly get; private set; }

    /// <summary>Gets whether the queue has been discarded once because the memory was needed.</summary>
    public bool IsCut { readonly get; private set; }

    /// <summary>Gets the time at which TCP is dropped, even if data is queued. It is set before the reason.</summary>
    public long DueMs { readonly get; private set; }

    /// <summary>Gets why the connection is closing; null while it is open.</summary>
    public readonly CloseReason? Reason => Volatile.Read(in _reason);

    /// <summary>Begins to close an open connection.</summary>
    public void Begin(CloseReason reason, long dueMs)
    {
        (State, DueMs) = (CloseState.Closing, dueMs);
        Volatile.Write(ref _reason, reason);
        _begun?.TrySetResult();
    }

    /// <summary>Completes with <paramref name="work"/>, or when the close begins.</summary>
    public Task UntilBegun(Task work)
    {
        if (State is not CloseState.Open)
        {
            return Task.CompletedTask;
        }

        _begun ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.WhenAny(work.InContext(), _begun.Task.InContext()).Unwrap();
    }

    /// <summary>Sets the payload of the close frame, unless it is set already.</summary>
    public void SetPayload(byte[] payload) => _payload ??= payload;

    /// <summary>
    /// Writes the close frame, once. Returns false if it is written already, or if there is none because the client has disconnected.
    /// </summary>
    public bool TryWriteFrame(Span<byte> destination, out int frameBytes)
    {
        if (State >= CloseState.Closed || _payload is null)
        {
            frameBytes = 0;
            return false;
        }

        State = CloseState.Closed;
        frameBytes = FrameWriter.Write(destination, Opcode.Close, _payload);
        return true;
    }

    /// <summary>Records that the queue was discarded.</summary>
    public void OnCut() => IsCut = true;

    /// <summary>Lets the close frame be written again, because one that was queued may have been discarded with the queue.</summary>
    public void Reopen() => State = CloseState.Closing;

    /// <summary>Records that neither a close frame nor anything else will be sent.</summary>
    public void OnDropped() => State = CloseState.Closed;

    /// <summary>Completes when everything has been sent, including the close frame; at once if the client has disconnected.</summary>
    public Task WhenDrained()
    {
        if (Reason == CloseReason.ConnectionLost)
        {
            return Task.CompletedTask;
        }

        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    /// <summary>Records that nothing is queued any more, or that it cannot be sent.</summary>
    public readonly void OnDrained() => _drained?.TrySetResult();

    public void End() => State = CloseState.Ended;
}
