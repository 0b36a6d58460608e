namespace Direct.Edge.Backplane;

/// <summary>The reply of one gateway to a <see cref="ClusterQuery"/>.</summary>
/// <param name="Connections">All that match; of <see cref="QuestionKind.Close"/> those that were open and are closing now; for
/// <see cref="QuestionKind.Status"/> all that are open or closing, those without a token included.</param>
public sealed record GatewayResponse(int Connections)
{
    /// <summary>For <see cref="QuestionKind.Rows"/>, in their order.</summary>
    public IReadOnlyList<UserRow> Rows { get; init; } = [];

    /// <summary>For <see cref="QuestionKind.Users"/>, rising.</summary>
    public IReadOnlyList<long> Users { get; init; } = [];

    /// <summary>Whether there are more behind the last one. Never with none.</summary>
    public bool HasMore { get; init; }

    /// <summary>For <see cref="QuestionKind.Status"/>. Null of a gateway that does not know the question, as those of 0.1.0 do not.</summary>
    public GatewayStatus? Status { get; init; }

    /// <summary>For <see cref="QuestionKind.Watch"/>. Null of a gateway that does not know the question, as those of 0.1.0 do not.</summary>
    public WatchedConnections? Watched { get; init; }
}

/// <summary>The connections of one user in one group and channel.</summary>
/// <param name="Place">The user, and the group and channel.</param>
/// <param name="Connections">The number of connections, at least 1.</param>
public readonly record struct UserRow(UserPlace Place, int Connections);
