namespace Direct.Edge.Connections;

/// <summary>Specifies the progress of a connection's close.</summary>
internal enum CloseState : byte
{
    /// <summary>The connection is open.</summary>
    Open,

    /// <summary>The reason is fixed. Messages that the topics still have for the client are sent before the close frame.</summary>
    Closing,

    /// <summary>The close frame has been sent or is queued, or there will be none. Further frames are discarded.</summary>
    Closed,

    /// <summary>The connection has ended and holds no resources.</summary>
    Ended,
}
