namespace Direct.Stress.Scenarios;

/// <summary>Receives the events of a connection.</summary>
internal interface IConnectionOwner
{
    /// <summary>Reports that the WebSocket is open.</summary>
    void OnOpened(StressConnection connection, long now);

    /// <summary>Reports that the pong has come, which means that the join is in force.</summary>
    void OnJoined(StressConnection connection);

    void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now);

    /// <summary>Reports that the connection has ended: while it was opened, later by the server, or on request.</summary>
    /// <param name="error">The error; null if it ended on request.</param>
    void OnEnded(StressConnection connection, string? error);
}
