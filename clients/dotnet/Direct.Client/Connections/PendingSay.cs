namespace Direct.Client;

/// <summary>
/// Represents a broadcast that has not been confirmed. It keeps its id over all connections, so that a repeat is not delivered twice. It is used under the gate of <see cref="ClientState"/>.
/// </summary>
internal sealed class PendingSay(DirectRoom room, string id, string text) : IDisposable
{
    private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DirectRoom Room => room;

    public string Id => id;

    public string Text => text;

    /// <summary>Gets a task that ends when the broadcast was accepted.</summary>
    public Task Confirmed => _confirmed.Task;

    /// <summary>Gets or sets the ref of the last <c>say</c>; null while it has to be sent on the present connection.</summary>
    public string? Ref { get; set; }

    /// <summary>Gets or sets the user as whom it was sent first; null if it was not sent yet. Gateways recognise a repeat by its user and its id.</summary>
    public long? SentAs { get; set; }

    /// <summary>Gets or sets how often it was refused for now.</summary>
    public int Failures { get; set; }

    /// <summary>Gets or sets the timer that sends it again.</summary>
    public ITimer? Repeat { get; set; }

    /// <summary>Gets or sets the timer that gives it up.</summary>
    public ITimer? Expiry { get; set; }

    /// <summary>Forgets the connection that has ended.</summary>
    public void Reset()
    {
        Repeat?.Dispose();
        (Repeat, Ref, Failures) = (null, null, 0);
    }

    public void Confirm()
    {
        Dispose();
        _confirmed.TrySetResult();
    }

    public void Fail(DirectException exception)
    {
        Dispose();
        _confirmed.TrySetException(exception);
        _ = _confirmed.Task.Exception; // the caller may have stopped waiting
    }

    public void Dispose()
    {
        Repeat?.Dispose();
        Expiry?.Dispose();
    }
}
