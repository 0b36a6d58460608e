namespace Direct.Edge.Connections;

/// <summary>The progress of a connection's close.</summary>
internal enum CloseState : byte
{
    /// <summary>It is open.</summary>
    Open,

    /// <summary>The reason is fixed. What the topics still have for the client is sent before the close frame.</summary>
    Closing,

    /// <summary>The close frame has been sent or waits to be, or there will be none: nothing more is taken.</summary>
    Closed,

    /// <summary>The connection has ended, and holds nothing any more.</summary>
    Ended,
}
