namespace Direct.Edge.Backplane;

/// <summary>The result of a signal.</summary>
public enum ReceiptStatus
{
    /// <summary>Every live gateway that holds a matching connection has taken it.</summary>
    Delivered,

    /// <summary>At least one gateway refused it, because its id was used for another target or message before. Others may have taken it.</summary>
    IdReused,

    /// <summary>At least one gateway refused it, because no more ids can be remembered there. Others may have taken it.</summary>
    IdsExhausted,

    /// <summary>It was not accepted in time; it may have been delivered.</summary>
    NotAccepted,
}

/// <summary>The receipt that the publisher of a signal gets.</summary>
/// <param name="Status">The result.</param>
/// <param name="Delivered">Connections that took the message into their queue, counted once however often the same id came. Some may have even when gateways refused it.</param>
/// <param name="Gateways">Gateways that held them.</param>
public readonly record struct Receipt(ReceiptStatus Status, int Delivered, int Gateways);
