using Direct.Edge.Protocol;

namespace Direct.Edge.Connections;

/// <summary>The progress of a connection's close: the reason, the close frame, and the tasks that wait for either.</summary>
/// <remarks>Not thread-safe: the gate of <see cref="OutboundChannel"/> guards it. Only the reason may be read without it.</remarks>
internal struct CloseProgress
{
    private CloseReason? _reason;
    private byte[]? _payload; // of the close frame
    private TaskCompletionSource? _begun; // there once input has waited for room
    private TaskCompletionSource? _drained; // there once the connection is ending

    public CloseState State { readonly get; private set; }

    /// <summary>Gets or sets whether what waited has been cut off once, because the memory was needed.</summary>
    public bool IsCut { readonly get; private set; }

    /// <summary>Gets or sets the time at which TCP is dropped, even if data still waits. It is set before the reason.</summary>
    public long DueMs { readonly get; private set; }

    /// <summary>Why it closes, or null while it is open.</summary>
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
        return Task.WhenAny(work, _begun.Task).Unwrap();
    }

    /// <summary>Fixes what the close frame says, unless that has been fixed.</summary>
    public void SetPayload(byte[] payload) => _payload ??= payload;

    /// <summary>Writes the close frame, once. There is none when the client is gone.</summary>
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

    /// <summary>Notes that the queue was discarded.</summary>
    public void OnCut() => IsCut = true;

    /// <summary>Lets the close frame be written again: one that waited may have been cut off with the rest.</summary>
    public void Reopen() => State = CloseState.Closing;

    /// <summary>There will be no close frame, nor anything else.</summary>
    public void OnDropped() => State = CloseState.Closed;

    /// <summary>Completes when everything has been sent, the close frame included; at once when the client is gone.</summary>
    public Task WhenDrained()
    {
        if (Reason == CloseReason.ConnectionLost)
        {
            return Task.CompletedTask;
        }

        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    /// <summary>Nothing waits any more, or it has nowhere to go.</summary>
    public readonly void OnDrained() => _drained?.TrySetResult();

    public void End() => State = CloseState.Ended;
}
