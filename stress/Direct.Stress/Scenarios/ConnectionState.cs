namespace Direct.Stress.Scenarios;

/// <summary>Where a connection is in its life.</summary>
internal enum ConnectionState
{
    New,

    /// <summary>TCP, TLS, handshake.</summary>
    Opening,

    /// <summary>Token and join are sent, the answer to the ping behind them is awaited.</summary>
    Joining,

    /// <summary>What is measured.</summary>
    Ready,

    /// <summary>Our close frame is sent.</summary>
    Leaving,

    Ended,
}
