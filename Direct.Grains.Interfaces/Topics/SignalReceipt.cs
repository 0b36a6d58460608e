using System.Runtime.InteropServices;

namespace Direct.Grains.Topics;

/// <summary>Specifies the result of one signal, on one gateway or over all of them.</summary>
public enum DeliveryStatus : byte
{
    /// <summary>Every matching connection has received it.</summary>
    Delivered = 0,

    /// <summary>Its id was used for another message; it was not sent.</summary>
    IdReused = 1,

    /// <summary>Its id cannot be remembered; it was not sent.</summary>
    IdsExhausted = 2,

    /// <summary>
    /// The gateway has promised a higher ballot and has accepted nothing: the activation that sent it has been replaced. It is answered only to batches with
    /// a <see cref="SignalBatch.Ballot"/>.
    /// </summary>
    Superseded = 3,
}

/// <summary>Represents the receipt of one signal.</summary>
/// <param name="Status">
/// The worst result of all gateways. An id that was used for another message is worse than one that cannot be remembered, because a repeat may
/// succeed in the second case.
/// </param>
/// <param name="Delivered">The number of connections that received it, on gateways that did not refuse it.</param>
/// <param name="Gateways">The number of gateways that hold these connections.</param>
/// <param name="IsKept">Whether the signal has a position in the log of its topic, so that clients that come back get it.</param>
[GenerateSerializer, Immutable, Alias("direct.receipt"), StructLayout(LayoutKind.Auto)]
public readonly record struct SignalReceipt(
    [property: Id(0)] DeliveryStatus Status,
    [property: Id(1)] int Delivered,
    [property: Id(2)] int Gateways,
    [property: Id(3)] bool IsKept = false);

/// <summary>Specifies the result of a publish call.</summary>
public enum PublishStatus : byte
{
    /// <summary>The batch is accepted: it has its position in the lane's order and is on its way to every gateway that it is for.</summary>
    Accepted = 0,

    /// <summary>
    /// This silo does not know which gateways are live, or may no longer be a member of the cluster. Nothing is promised; try again.
    /// </summary>
    NotReady = 1,

    /// <summary>The activation is not the expected one, and nothing was accepted. Repeat everything that is not acknowledged, the oldest first, with the new epoch.</summary>
    OtherEpoch = 2,
}

/// <summary>Represents the answer of a lane to a batch.</summary>
/// <param name="Status">The result.</param>
/// <param name="Epoch">The random id of the activation. A new epoch means that what was accepted before may be lost.</param>
/// <param name="Receipts">One receipt for each signal, in the order of the batch, as far as known.</param>
/// <param name="Pending">Names of the gateways that have not acknowledged yet; empty when the receipts are final.</param>
/// <param name="IsUnresponsive">Whether none of those has answered anything for more than a second, so that lanes need not wait for them.</param>
/// <param name="Silo">The silo that hosts the lane, by the random id of its current run. Empty if that silo is older than this member.</param>
[GenerateSerializer, Immutable, Alias("direct.publish-answer")]
public sealed record PublishAnswer(
    [property: Id(0)] PublishStatus Status,
    [property: Id(1)] Guid Epoch,
    [property: Id(2)] SignalReceipt[] Receipts,
    [property: Id(3)] string[] Pending,
    [property: Id(4)] bool IsUnresponsive,
    [property: Id(5)] Guid Silo = default);
