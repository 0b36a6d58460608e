namespace Direct.Edge.Backplane;

/// <summary>How a signal fared.</summary>
public enum ReceiptStatus
{
    /// <summary>Every live gateway that holds a matching connection has taken it.</summary>
    Delivered,

    /// <summary>At least one gateway refused it, because its id was used for another target or message before. Others may have taken it.</summary>
    IdReused,

    /// <summary>At least one gateway refused it, because no more ids can be remembered there. Others may have taken it.</summary>
    IdsExhausted,

    /// <summary>It could not be placed in time; nothing is promised.</summary>
    NotPlaced,
}

/// <summary>What the publisher of a signal is told.</summary>
/// <param name="Status">How it fared.</param>
/// <param name="Delivered">Connections that took the message into their queue, counted once however often the same id came. Some may have even when gateways refused it.</param>
/// <param name="Gateways">Gateways that held them.</param>
public readonly record struct Receipt(ReceiptStatus Status, int Delivered, int Gateways);
