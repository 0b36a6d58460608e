namespace Direct.Stress.Scenarios;

/// <summary>Specifies the state of a connection.</summary>
internal enum ConnectionState
{
    New,

    /// <summary>TCP, TLS and the handshake are in progress.</summary>
    Opening,

    /// <summary>Token, join and ping are sent, and the pong is awaited.</summary>
    Joining,

    /// <summary>The connection is joined.</summary>
    Ready,

    /// <summary>The close frame is sent.</summary>
    Leaving,

    Ended,
}
