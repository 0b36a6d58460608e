namespace Direct.Edge.Rights;

/// <summary>Specifies what happens to a connection of the original dialect that may not be in its room.</summary>
public enum RefusedJoin
{
    /// <summary>It is closed with 4502.</summary>
    Close,

    /// <summary>It stays open, outside every room, and what it broadcasts is discarded until it has joined a room.</summary>
    Stay,
}
