using Direct.Stress.Protocol;

namespace Direct.Stress.Scenarios;

/// <summary>Receives the events of a connection.</summary>
internal interface IConnectionOwner
{
    /// <summary>Reports that the WebSocket is open.</summary>
    void OnOpened(StressConnection connection, long now);

    /// <summary>Reports that the pong has come, or in direct.2 that all topics are live, which means that the join is in force.</summary>
    void OnJoined(StressConnection connection);

    void OnMessage(StressConnection connection, ReadOnlySpan<byte> text, long now);

    /// <summary>Reports that messages of a topic may be missing before the next one.</summary>
    void OnGap(StressConnection connection, Topic topic);

    /// <summary>Reports that a line with a ref was answered, of which only a <c>say</c> has one.</summary>
    /// <param name="reference">The ref, after a #; - if it was refused and has none.</param>
    void OnSaid(StressConnection connection, ReadOnlySpan<byte> reference, bool isAccepted);

    /// <summary>Reports that the connection has ended: while it was opened, later by the server, or on request.</summary>
    /// <param name="error">The error; null if it ended on request.</param>
    void OnEnded(StressConnection connection, string? error);
}
