namespace Direct.Edge.Topics;

internal enum EnqueueResult
{
    /// <summary>The bytes are with the transport or wait in the connection's queue.</summary>
    Queued,

    /// <summary>The queue has no room for them; nothing of them was taken.</summary>
    Overflow,

    /// <summary>The connection is closing; nothing was taken.</summary>
    Closed,
}
