namespace Direct.Edge.Backplane;

/// <summary>Represents a signal that is being published: its receipt, or one that comes later.</summary>
public readonly struct PublishResult
{
    /// <summary>Creates the result of a signal that is accepted and that all gateways have acknowledged at once.</summary>
    public PublishResult(Receipt receipt) => Receipt = receipt;

    /// <summary>Creates the result of a signal whose receipt comes later.</summary>
    public PublishResult(PendingReceipt pending) => Pending = pending;

    /// <summary>Gets the receipt. It counts if <see cref="Pending"/> is null.</summary>
    public Receipt Receipt { get; }

    /// <summary>Gets the receipt that comes later, or null.</summary>
    public PendingReceipt? Pending { get; }
}

/// <summary>Represents a receipt to which some gateways have not contributed yet.</summary>
public abstract class PendingReceipt
{
    /// <summary>Completes when the signal is accepted or given up. If it is given up, <see cref="Completion"/> is complete too.</summary>
    public virtual Task Accepted => Task.CompletedTask;

    /// <summary>Completes when every live gateway that the signal is for has acknowledged it.</summary>
    public abstract Task<Receipt> Completion { get; }

    /// <summary>
    /// Gives the signal up, because its publisher no longer waits. Returns true if it was not accepted yet; then it need not be sent, and
    /// <see cref="Completion"/> reports that it was not accepted. A signal in flight may still be accepted. Returns false if it is accepted already.
    /// </summary>
    public abstract bool TryGiveUp();

    /// <summary>Returns the receipt as far as it is known now.</summary>
    /// <param name="pendingGateways">
    /// The gateways that have not acknowledged. Each of them will still deliver the signal, or close its connections.
    /// </param>
    public abstract Receipt SoFar(out IReadOnlyList<string> pendingGateways);
}
