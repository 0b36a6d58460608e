namespace Direct.Edge.Backplane;

/// <summary>Represents the response of one gateway to a <see cref="ClusterQuery"/>.</summary>
/// <param name="Connections">
/// The number of matching connections; for <see cref="ClusterQueryKind.Close"/> the number of those that were open and are closing now.
/// </param>
public sealed record GatewayResponse(int Connections)
{
    /// <summary>Gets the rows for <see cref="ClusterQueryKind.Rows"/>, in the order of their keys.</summary>
    public IReadOnlyList<UserRow> Rows { get; init; } = [];

    /// <summary>Gets the user ids for <see cref="ClusterQueryKind.Users"/>, in ascending order.</summary>
    public IReadOnlyList<long> Users { get; init; } = [];

    /// <summary>Gets whether more follow after the last one. It is false for an empty page.</summary>
    public bool HasMore { get; init; }
}

/// <summary>Represents the connections of one user in one group and channel.</summary>
/// <param name="Key">The user, and the group and channel.</param>
/// <param name="Connections">The number of connections, at least 1.</param>
public readonly record struct UserRow(UserRowKey Key, int Connections);
