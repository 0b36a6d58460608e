namespace Direct.Grains.Topics;

/// <summary>What became of one signal, on one gateway or over all of them.</summary>
public enum DeliveryStatus : byte
{
    /// <summary>Taken by every matching connection.</summary>
    Delivered = 0,

    /// <summary>Its id was used for something else; not sent.</summary>
    IdReused = 1,

    /// <summary>Its id cannot be remembered; not sent.</summary>
    IdsExhausted = 2,
}

/// <summary>One signal's receipt.</summary>
/// <param name="Status">How it fared; the worst of all gateways: an id used for something else is worse than one that cannot be remembered, which a repeat may cure.</param>
/// <param name="Delivered">Connections that took it, on gateways that did not refuse it.</param>
/// <param name="Gateways">Gateways that held them.</param>
[GenerateSerializer, Immutable, Alias("direct.receipt")]
public readonly record struct SignalReceipt(
    [property: Id(0)] DeliveryStatus Status,
    [property: Id(1)] int Delivered,
    [property: Id(2)] int Gateways);

/// <summary>How a call to publish ended.</summary>
public enum PublishStatus : byte
{
    /// <summary>The batch has its place in the lane's order on its way to every gateway it is meant for.</summary>
    Placed = 0,

    /// <summary>This silo cannot tell which gateways live, or may no longer be one of the cluster: nothing is promised, try again.</summary>
    NotReady = 1,

    /// <summary>Another activation than the expected one: nothing was placed. Repeat what is not acknowledged, the oldest first, with its epoch.</summary>
    OtherEpoch = 2,
}

/// <summary>A lane's answer to a batch.</summary>
/// <param name="Status">How the call ended.</param>
/// <param name="Epoch">The activation's own random id. A new epoch means that what was placed before may be lost.</param>
/// <param name="Receipts">One a signal in the batch's order, as far as is known.</param>
/// <param name="Pending">Names of the gateways that have not acknowledged yet; empty when the receipts are final.</param>
/// <param name="IsHung">Whether all of those have answered nothing for over a second: their lanes need not wait for them.</param>
/// <param name="Silo">The silo where the lane is: its own random id of this run. Empty when it is older than this member.</param>
[GenerateSerializer, Immutable, Alias("direct.publish-answer")]
public sealed record PublishAnswer(
    [property: Id(0)] PublishStatus Status,
    [property: Id(1)] Guid Epoch,
    [property: Id(2)] SignalReceipt[] Receipts,
    [property: Id(3)] string[] Pending,
    [property: Id(4)] bool IsHung,
    [property: Id(5)] Guid Silo = default);
