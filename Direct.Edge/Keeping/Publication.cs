namespace Direct.Edge.Keeping;

/// <summary>Represents what became of a message on this node.</summary>
/// <param name="Connections">The number of connections that it was queued for.</param>
/// <param name="IsKept">Whether it is kept for clients that come back.</param>
internal readonly record struct Publication(int Connections, bool IsKept);
