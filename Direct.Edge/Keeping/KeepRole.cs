namespace Direct.Edge.Keeping;

/// <summary>Specifies what a node does for clients that come back.</summary>
internal enum KeepRole
{
    /// <summary>It keeps nothing.</summary>
    None,

    /// <summary>It numbers the messages itself, because it is not part of a cluster.</summary>
    Leader,

    /// <summary>It keeps a copy of the end of each log, which the silos of its cluster number.</summary>
    Keeper,
}
