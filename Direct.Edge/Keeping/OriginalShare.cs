namespace Direct.Edge.Keeping;

/// <summary>Specifies what members of the original dialect get of a message that has a place in a log: it is decided for each dialect.</summary>
/// <param name="Connections">The number of those that have it already, none of which gets it again; null if they get it now.</param>
/// <param name="IsVoid">Whether nobody gets it, because its id was used for another message.</param>
internal readonly record struct OriginalShare(int? Connections, bool IsVoid = false)
{
    /// <summary>Gets the share of a message that they get now.</summary>
    public static OriginalShare Now => default;
}
