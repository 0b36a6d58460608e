using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>A signal that waits to be published or acknowledged. Without a receipt it is a broadcast.</summary>
internal sealed record OutboundSignal(SignalEnvelope Envelope, ClusterReceipt? Receipt, long EnqueuedAt)
{
    private const int EnvelopeBytes = 100;

    /// <summary>What it counts for in its lane.</summary>
    public int Bytes => Envelope.Payload.Length + EnvelopeBytes;
}

/// <summary>Signals that are sent and acknowledged together. Used under the lock of its outbox only.</summary>
internal sealed class OutboundBatch
{
    public List<OutboundSignal> Signals { get; } = [];

    /// <summary>Of the first that is still in it; the highest there is when none is.</summary>
    public long FirstSequence => Signals.Count > 0 ? Signals[0].Envelope.Sequence : long.MaxValue;

    public int Bytes => Signals.Sum(static signal => signal.Bytes);

    /// <summary>Whether its bytes count for the whole gateway and not for the lane.</summary>
    public bool IsSetAside { get; set; }

    /// <summary>Whether it has been sent before.</summary>
    public bool IsRepeat { get; set; }

    /// <summary>Whether an answer to it did not fit it, which is logged once.</summary>
    public bool HasMalformedAnswer { get; set; }

    /// <summary>Whether it has a place in the activation of the current epoch.</summary>
    public bool IsPlaced { get; set; }

    /// <summary>When it got its first one; null when it never had any.</summary>
    public long? FirstPlacedAt { get; set; }

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

/// <summary>A batch that has its place, and not all its receipts.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Sequence">Of its first signal.</param>
/// <param name="Generation">Its outbox's, when it was placed.</param>
internal readonly record struct UncollectedBatch(OutboundBatch Batch, long Sequence, int Generation);
