namespace Direct.Grains.Topics;

/// <summary>Represents one message on its way through the cluster.</summary>
/// <param name="Topic">The topic that it is published to.</param>
/// <param name="Group">Target group, 0 for any.</param>
/// <param name="Channel">Target channel, 0 for any.</param>
/// <param name="User">Target user, 0 for any.</param>
/// <param name="Sequence">The ascending number among the signals that its publisher sends through this lane, from 1. Gaps have no meaning.</param>
/// <param name="Payload">UTF-8 text, at most as long as the gateways' limits allow. It is never modified.</param>
/// <param name="SignalId">The backend's own id, 1 to 128 visible ASCII characters, or null. That of a client has its user and a space in front.</param>
/// <param name="TraceParent">The span that the signal belongs to, as a <c>traceparent</c> of W3C Trace Context; null unless it is traced.</param>
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
    // An estimate of the memory of the object besides its payload.
    private const int OverheadBytes = 100;

    /// <summary>Gets the bytes that the signal counts for while it waits in a queue.</summary>
    public int QueuedBytes => Payload.Length + OverheadBytes;
}

/// <summary>Represents signals that one gateway publishes to a lane with one call, and that silos pass on.</summary>
/// <param name="Publisher">The publishing gateway: the id of its current run, which is never reused.</param>
/// <param name="Lane">The lane.</param>
/// <param name="AcknowledgedThrough">The publisher never repeats sequence numbers up to this one, so what is remembered about them may be removed.</param>
/// <param name="Signals">The signals in their order; at least one.</param>
/// <param name="SettledThrough">
/// Like <paramref name="AcknowledgedThrough"/>, for all lanes: the publisher repeats no signal up to this sequence number.
/// </param>
/// <param name="IsRepeat">
/// Whether the publisher has sent the batch before, so that gateways may have accepted it without the publisher's knowledge.
/// </param>
/// <param name="Stamps">
/// From a silo: the position of each signal in the log of its topic, <see cref="LogPosition.None"/> for those whose topic is not kept. Null if no topic is
/// kept. A repeat has the position of the first delivery.
/// </param>
/// <param name="Ballot">From a silo: the ballot of the lane's activation; null if it has not recovered, because no gateway keeps topics.</param>
/// <param name="EndedLogs">
/// From a silo: how many logs of the lane had ended in this activation when it accepted the batch. So a gateway can tell a signal that was accepted before the log of its
/// topic began from one that was accepted after the log had ended.
/// </param>
[GenerateSerializer, Immutable, Alias("direct.signal-batch")]
public sealed record SignalBatch(
    [property: Id(0)] Guid Publisher,
    [property: Id(1)] Lane Lane,
    [property: Id(2)] long AcknowledgedThrough,
    [property: Id(3)] SignalEnvelope[] Signals,
    [property: Id(4)] long SettledThrough,
    [property: Id(5)] bool IsRepeat = false,
    [property: Id(6)] LogPosition[]? Stamps = null,
    [property: Id(7)] Ballot? Ballot = null,
    [property: Id(8)] int EndedLogs = 0)
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
