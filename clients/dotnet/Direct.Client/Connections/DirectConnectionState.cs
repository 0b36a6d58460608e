namespace Direct.Client;

/// <summary>Specifies the state of a <see cref="DirectConnection"/>.</summary>
public enum DirectConnectionState
{
    /// <summary><see cref="DirectConnection.StartAsync"/> has not been called.</summary>
    NotStarted,

    /// <summary>The first connection is being opened.</summary>
    Connecting,

    /// <summary>A gateway has accepted the token.</summary>
    Connected,

    /// <summary>The connection was lost, and will be opened again after a random wait.</summary>
    Reconnecting,

    /// <summary>The connection has ended for good: it was disposed, or closed with a code that forbids to connect again.</summary>
    Closed,
}
