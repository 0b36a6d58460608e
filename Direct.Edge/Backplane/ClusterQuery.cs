using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>Specifies what live gateways are asked about their connections, or told to do with them.</summary>
public enum ClusterQueryKind : byte
{
    /// <summary>Counts the matching connections.</summary>
    Count = 0,

    /// <summary>Returns a page of the connected users, with their groups and channels.</summary>
    Rows = 1,

    /// <summary>Returns a page of the ids of the connected users, each once.</summary>
    Users = 2,

    /// <summary>Closes the matching connections.</summary>
    Close = 3,

    /// <summary>How each gateway is, and its largest topics. The target is not used.</summary>
    Status = 4,

    /// <summary>The matching connections, and what has happened to them lately.</summary>
    Watch = 5,

    /// <summary>
    /// Looks up the rights of the matching memberships again, and removes those without. A gateway starts when it gets the first query with a
    /// <see cref="ClusterQuery.RecheckId"/>, and answers at once how far it is: repeat the query until it has ended.
    /// </summary>
    Recheck = 6,
}

/// <summary>Represents a query to every live gateway.</summary>
/// <param name="Kind">The kind of query.</param>
/// <param name="Target">The connections that the query is about.</param>
public sealed record ClusterQuery(ClusterQueryKind Kind, Target Target)
{
    /// <summary>
    /// Gets the end of the previous page, or null for the first page. For <see cref="ClusterQueryKind.Users"/> only its user counts.
    /// </summary>
    public UserRowKey? After { get; init; }

    /// <summary>
    /// For pages: the largest number of rows that one gateway may answer, at least 1. For <see cref="ClusterQueryKind.Status"/> that of topics.
    /// A cluster may lower it, so that its answer fits into one message.
    /// </summary>
    public int Limit { get; init; }

    /// <summary>Gets the close code for <see cref="ClusterQueryKind.Close"/>, 4000 to 4999.</summary>
    public ushort CloseCode { get; init; }

    /// <summary>Gets the close reason for <see cref="ClusterQueryKind.Close"/>, at most 123 bytes of UTF-8.</summary>
    public string CloseText { get; init; } = "";

    /// <summary>For <see cref="ClusterQueryKind.Watch"/>: whether delivered messages are to be recorded too.</summary>
    public bool WithMessages { get; init; }

    /// <summary>Gets the id of a <see cref="ClusterQueryKind.Recheck"/>: a new one for each request of a backend.</summary>
    public Guid RecheckId { get; init; }
}

/// <summary>Identifies one user in one group and channel. Keys are ordered by user, then group, then channel.</summary>
/// <param name="User">User id; negative for anonymous users.</param>
/// <param name="Group">Group id, or 0.</param>
/// <param name="Channel">Channel id, or 0.</param>
public readonly record struct UserRowKey(long User, long Group, long Channel) : IComparable<UserRowKey>
{
    /// <summary>Compares by user, then group, then channel.</summary>
    public int CompareTo(UserRowKey other) => (User, Group, Channel).CompareTo((other.User, other.Group, other.Channel));

    /// <summary>Returns whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    public static bool operator <(UserRowKey left, UserRowKey right) => left.CompareTo(right) < 0;

    /// <summary>Returns whether <paramref name="left"/> comes after <paramref name="right"/>.</summary>
    public static bool operator >(UserRowKey left, UserRowKey right) => left.CompareTo(right) > 0;

    /// <summary>Returns whether <paramref name="left"/> comes before <paramref name="right"/> or equals it.</summary>
    public static bool operator <=(UserRowKey left, UserRowKey right) => left.CompareTo(right) <= 0;

    /// <summary>Returns whether <paramref name="left"/> comes after <paramref name="right"/> or equals it.</summary>
    public static bool operator >=(UserRowKey left, UserRowKey right) => left.CompareTo(right) >= 0;
}
