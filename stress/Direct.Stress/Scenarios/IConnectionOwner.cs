namespace Direct.Stress.Scenarios;

/// <summary>Who opened a connection and hears of it.</summary>
internal interface IConnectionOwner
{
    /// <summary>Reports that the WebSocket is open.</summary>
    void OnOpened(StressConnection connection, long now);

    /// <summary>Reports that the pong has come, which means that the join is in force.</summary>
    void OnJoined(StressConnection connection);

    void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now);

    /// <summary>It has ended: on its way, or later by the server, or as it was asked to.</summary>
    /// <param name="error">Null when it was asked to.</param>
    void OnEnded(StressConnection connection, string? error);
}
