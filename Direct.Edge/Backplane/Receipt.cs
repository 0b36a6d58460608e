namespace Direct.Edge.Backplane;

/// <summary>Specifies the result of a signal.</summary>
public enum ReceiptStatus
{
    /// <summary>Every live gateway that holds a matching connection has accepted it.</summary>
    Delivered,

    /// <summary>At least one gateway refused it, because its id was used before for another target or message. Others may have accepted it.</summary>
    IdReused,

    /// <summary>At least one gateway refused it, because it can remember no more ids. Others may have accepted it.</summary>
    IdsExhausted,

    /// <summary>It was not accepted in time; it may have been delivered.</summary>
    NotAccepted,
}

/// <summary>Represents the receipt for the publisher of a signal.</summary>
/// <param name="Status">The result.</param>
/// <param name="Delivered">
/// The number of connections that queued the message. A repeated id counts once. Some connections may have queued it even if gateways refused it.
/// </param>
/// <param name="Gateways">The number of gateways that hold these connections.</param>
/// <param name="IsKept">Whether the message is kept for clients that come back.</param>
public readonly record struct Receipt(ReceiptStatus Status, int Delivered, int Gateways, bool IsKept = false);
