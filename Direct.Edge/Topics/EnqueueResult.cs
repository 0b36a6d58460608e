namespace Direct.Edge.Topics;

internal enum EnqueueResult
{
    /// <summary>The bytes were given to the transport or added to the connection's queue.</summary>
    Queued,

    /// <summary>The queue has no room for the bytes; none was added.</summary>
    Overflow,

    /// <summary>The connection is closing; no byte was added.</summary>
    Closed,
}
