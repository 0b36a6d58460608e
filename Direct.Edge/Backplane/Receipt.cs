namespace Direct.Edge.Backplane;

/// <summary>How a signal fared.</summary>
public enum ReceiptStatus
{
    /// <summary>Every live gateway that holds a matching connection has taken it.</summary>
    Delivered,

    /// <summary>Its id was used for another target or message before; nothing was sent.</summary>
    IdReused,

    /// <summary>Its id cannot be remembered now, so a repeat could not be told apart; nothing was sent.</summary>
    IdsExhausted,

    /// <summary>It could not be placed in time; nothing is promised.</summary>
    NotPlaced,
}

/// <summary>What the publisher of a signal is told.</summary>
/// <param name="Status">How it fared.</param>
/// <param name="Delivered">Connections that took the message into their queue, counted once however often the same id came.</param>
/// <param name="Gateways">Gateways that held them.</param>
public readonly record struct Receipt(ReceiptStatus Status, int Delivered, int Gateways);
