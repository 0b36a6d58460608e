namespace Direct.Edge.Backplane;

/// <summary>The reply of one gateway to a <see cref="ClusterQuery"/>.</summary>
/// <param name="Connections">All that match; of <see cref="ClusterQueryKind.Close"/> those that were open and are closing now.</param>
public sealed record GatewayResponse(int Connections)
{
    /// <summary>For <see cref="ClusterQueryKind.Rows"/>, in their order.</summary>
    public IReadOnlyList<UserRow> Rows { get; init; } = [];

    /// <summary>For <see cref="ClusterQueryKind.Users"/>, rising.</summary>
    public IReadOnlyList<long> Users { get; init; } = [];

    /// <summary>Gets or sets whether there are more behind the last one. Never with none.</summary>
    public bool HasMore { get; init; }
}

/// <summary>The connections of one user in one group and channel.</summary>
/// <param name="Key">The user, and the group and channel.</param>
/// <param name="Connections">The number of connections, at least 1.</param>
public readonly record struct UserRow(UserRowKey Key, int Connections);
