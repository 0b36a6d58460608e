namespace Direct.Client;

/// <summary>Represents a room that the application wants to be in, across connections. It is used under the gate of <see cref="ClientState"/>.</summary>
internal sealed class RoomMembership(DirectRoom room) : IDisposable
{
    private TaskCompletionSource _joined = NewSource();

    public DirectRoom Room => room;

    /// <summary>Gets a task that ends when the room is live on the present connection.</summary>
    public Task Joined => _joined.Task;

    public bool IsLive { get; private set; }

    /// <summary>Gets or sets the ref of the last <c>join</c> that was sent.</summary>
    public string? Ref { get; set; }

    /// <summary>Gets or sets how many joins have been refused for now.</summary>
    public int Failures { get; set; }

    /// <summary>Gets or sets the timer that joins again.</summary>
    public ITimer? Repeat { get; set; }

    public void BecomeLive()
    {
        (IsLive, Failures) = (true, 0);
        _joined.TrySetResult();
    }

    /// <summary>Forgets the connection that has ended.</summary>
    public void Reset()
    {
        Suspend();
        Failures = 0;
    }

    /// <summary>Waits until the room is joined again.</summary>
    public void Suspend()
    {
        Dispose();
        (IsLive, Ref) = (false, null);
        if (_joined.Task.IsCompleted)
        {
            _joined = NewSource();
        }
    }

    public void Fail(DirectException exception)
    {
        Dispose();
        IsLive = false;
        _joined.TrySetException(exception);
        _ = _joined.Task.Exception; // nobody may wait for it
    }

    public void Dispose()
    {
        Repeat?.Dispose();
        Repeat = null;
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
