namespace Direct.Edge.Backplane;

/// <summary>A signal on its way to its place in its topic's order. The receipt may come later.</summary>
public readonly struct PublishResult
{
    /// <summary>Placed, and acknowledged by all at once.</summary>
    public PublishResult(Receipt receipt) => Receipt = receipt;

    /// <summary>On its way; the receipt comes.</summary>
    public PublishResult(PendingReceipt pending) => Pending = pending;

    /// <summary>Gets the receipt, where <see cref="Pending"/> is null.</summary>
    public Receipt Receipt { get; }

    /// <summary>Gets the receipt to come, or null.</summary>
    public PendingReceipt? Pending { get; }
}

/// <summary>A receipt that some gateways have not contributed to yet.</summary>
public abstract class PendingReceipt
{
    /// <summary>Completes when it has its place, or is given up: then <see cref="Completion"/> is there too.</summary>
    public virtual Task Accepted => Task.CompletedTask;

    /// <summary>Completes when every targeted live gateway has acknowledged.</summary>
    public abstract Task<Receipt> Completion { get; }

    /// <summary>
    /// Nobody waits for its place any more: it need not be sent. True when it had none, and <see cref="Completion"/> says so; it may get
    /// one yet if it was under way. False when it has one.
    /// </summary>
    public abstract bool TryGiveUp();

    /// <summary>Returns the receipt as far as it is known now.</summary>
    /// <param name="pendingGateways">Those that have not acknowledged. Each takes the signal yet, or closes its connections.</param>
    public abstract Receipt SoFar(out IReadOnlyList<string> pendingGateways);
}
