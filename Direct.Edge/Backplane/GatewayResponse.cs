namespace Direct.Edge.Backplane;

/// <summary>Represents the response of one gateway to a <see cref="ClusterQuery"/>.</summary>
/// <param name="Connections">All that match; of <see cref="ClusterQueryKind.Close"/> those that were open and are closing now; for
/// <see cref="ClusterQueryKind.Status"/> all that are open or closing, those without a token included.</param>
public sealed record GatewayResponse(int Connections)
{
    /// <summary>Gets the rows for <see cref="ClusterQueryKind.Rows"/>, in the order of their keys.</summary>
    public IReadOnlyList<UserRow> Rows { get; init; } = [];

    /// <summary>Gets the user ids for <see cref="ClusterQueryKind.Users"/>, in ascending order.</summary>
    public IReadOnlyList<long> Users { get; init; } = [];

    /// <summary>Gets whether more follow after the last one. It is false for an empty page.</summary>
    public bool HasMore { get; init; }

    /// <summary>For <see cref="ClusterQueryKind.Status"/>. Null of a gateway that does not know the query, as those of 0.1.0 do not.</summary>
    public GatewayStatus? Status { get; init; }

    /// <summary>For <see cref="ClusterQueryKind.Watch"/>. Null of a gateway that does not know the query, as those of 0.1.0 do not.</summary>
    public WatchedConnections? Watched { get; init; }

    /// <summary>For <see cref="ClusterQueryKind.Recheck"/>. Null of a gateway that does not know the query, as those of 0.1.0 do not.</summary>
    public RecheckStatus? Recheck { get; init; }
}

/// <summary>Represents the connections of one user in one group and channel.</summary>
/// <param name="Key">The user, and the group and channel.</param>
/// <param name="Connections">The number of connections, at least 1.</param>
public readonly record struct UserRow(UserRowKey Key, int Connections);
