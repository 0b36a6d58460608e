using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>Represents a signal that waits to be published or acknowledged. Without a receipt it is a broadcast.</summary>
internal sealed record OutboundSignal(SignalEnvelope Envelope, ClusterReceipt? Receipt, long EnqueuedAt)
{
    /// <summary>Gets the bytes that it counts for in its lane.</summary>
    public int Bytes => Envelope.QueuedBytes;
}

/// <summary>Represents signals that are sent and acknowledged together. Used only under the lock of its outbox.</summary>
internal sealed class OutboundBatch
{
    public List<OutboundSignal> Signals { get; } = [];

    /// <summary>Gets the sequence of the first signal that is still in the batch; <see cref="long.MaxValue"/> if it is empty.</summary>
    public long FirstSequence => Signals.Count > 0 ? Signals[0].Envelope.Sequence : long.MaxValue;

    public int Bytes => Signals.Sum(static signal => signal.Bytes);

    /// <summary>Gets or sets whether its bytes count for the whole gateway and not for the lane.</summary>
    public bool IsWaitingForUnresponsive { get; set; }

    /// <summary>Gets or sets whether it has been sent before.</summary>
    public bool IsRepeat { get; set; }

    /// <summary>Gets or sets whether a malformed answer has been logged, which is done once for a batch.</summary>
    public bool HasMalformedAnswer { get; set; }

    /// <summary>Gets or sets whether the activation of the current epoch has accepted it.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>Gets or sets the time when it was first accepted; null if it never was.</summary>
    public long? FirstAcceptedAt { get; set; }

    public SignalEnvelope[] ToEnvelopes()
    {
        var envelopes = new SignalEnvelope[Signals.Count];
        for (var i = 0; i < envelopes.Length; i++)
        {
            envelopes[i] = Signals[i].Envelope;
        }

        return envelopes;
    }
}

/// <summary>Identifies a batch that was accepted and lacks receipts.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Sequence">The sequence of its first signal.</param>
/// <param name="Generation">The generation of its outbox when it was accepted.</param>
internal readonly record struct UncollectedBatch(OutboundBatch Batch, long Sequence, int Generation);
