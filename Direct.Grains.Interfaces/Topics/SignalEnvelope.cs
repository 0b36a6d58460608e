namespace Direct.Grains.Topics;

/// <summary>One message on its way through the cluster.</summary>
/// <param name="Topic">The topic that it is published to.</param>
/// <param name="Group">Target group, 0 for any.</param>
/// <param name="Channel">Target channel, 0 for any.</param>
/// <param name="User">Target user, 0 for any.</param>
/// <param name="Sequence">Its number among what its publisher sends through this lane, from 1, rising; gaps have no meaning.</param>
/// <param name="Payload">UTF-8 text, at most as long as the gateways' limits allow. It is never modified.</param>
/// <param name="SignalId">The backend's own id, 1 to 128 visible ASCII characters, or null.</param>
/// <param name="TraceParent">The span that this is part of, as a <c>traceparent</c> of W3C Trace Context; null unless it is traced.</param>
[GenerateSerializer, Immutable, Alias("direct.signal")]
public sealed record SignalEnvelope(
    [property: Id(0)] TopicKey Topic,
    [property: Id(1)] long Group,
    [property: Id(2)] long Channel,
    [property: Id(3)] long User,
    [property: Id(4)] long Sequence,
    [property: Id(5)] byte[] Payload,
    [property: Id(6)] string? SignalId,
    [property: Id(7)] string? TraceParent = null)
{
    // An estimate of what the object takes besides its payload.
    private const int OverheadBytes = 100;

    /// <summary>Gets the bytes that the signal counts for while it waits in a queue.</summary>
    public int QueuedBytes => Payload.Length + OverheadBytes;
}

/// <summary>What one gateway hands to a lane in one call, and what a silo hands on.</summary>
/// <param name="Publisher">The gateway that publishes: its id in this run, never used again.</param>
/// <param name="Lane">The lane, whose order it keeps.</param>
/// <param name="AcknowledgedThrough">The publisher never repeats sequence numbers up to this one, so what is remembered about them may be removed.</param>
/// <param name="Signals">In order; at least one.</param>
/// <param name="SettledThrough">As <paramref name="AcknowledgedThrough"/>, over all lanes: up to here the publisher will repeat nothing at all.</param>
/// <param name="IsRepeat">Whether the publisher has sent it before, so that gateways may have taken it without the publisher's knowledge.</param>
[GenerateSerializer, Immutable, Alias("direct.signal-batch")]
public sealed record SignalBatch(
    [property: Id(0)] Guid Publisher,
    [property: Id(1)] Lane Lane,
    [property: Id(2)] long AcknowledgedThrough,
    [property: Id(3)] SignalEnvelope[] Signals,
    [property: Id(4)] long SettledThrough,
    [property: Id(5)] bool IsRepeat = false)
{
    /// <summary>Gets the bytes that its signals count for while they wait in a queue.</summary>
    public int QueuedBytes
    {
        get
        {
            var bytes = 0;
            foreach (var signal in Signals)
            {
                bytes += signal.QueuedBytes;
            }

            return bytes;
        }
    }
}
