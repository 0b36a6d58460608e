using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>A question to every live gateway about its connections, or a command to close some of them.</summary>
public enum QuestionKind : byte
{
    /// <summary>Counts the matching connections.</summary>
    Count = 0,

    /// <summary>A page of the users that are connected.</summary>
    Rows = 1,

    /// <summary>Whose they are: a page of user ids, each once.</summary>
    Users = 2,

    /// <summary>Closes the matching connections.</summary>
    Close = 3,

    /// <summary>How each gateway is, and its largest topics. The target is not used.</summary>
    Status = 4,

    /// <summary>The matching connections, and what has happened to them lately.</summary>
    Watch = 5,
}

/// <summary>A question to every live gateway.</summary>
/// <param name="Kind">The kind of question.</param>
/// <param name="Target">The connections that it is about.</param>
public sealed record ClusterQuery(QuestionKind Kind, Target Target)
{
    /// <summary>For pages: the end of the previous page, or null for the first. For <see cref="QuestionKind.Users"/> only its user counts.</summary>
    public UserPlace? After { get; init; }

    /// <summary>
    /// For pages: the largest number of rows that one gateway may answer, at least 1. For <see cref="QuestionKind.Status"/> that of topics.
    /// A cluster may lower it, so that its answer fits into one message.
    /// </summary>
    public int Limit { get; init; }

    /// <summary>For <see cref="QuestionKind.Close"/>: the close code, 4000 to 4999.</summary>
    public ushort CloseCode { get; init; }

    /// <summary>For <see cref="QuestionKind.Close"/>: the reason, at most 123 bytes of UTF-8.</summary>
    public string CloseText { get; init; } = "";

    /// <summary>For <see cref="QuestionKind.Watch"/>: whether delivered messages are to be recorded too.</summary>
    public bool WithMessages { get; init; }
}

/// <summary>One user in one group and channel. Ordered by user, then group, then channel.</summary>
/// <param name="User">User id, negative of strangers.</param>
/// <param name="Group">Group id, or 0.</param>
/// <param name="Channel">Channel id, or 0.</param>
public readonly record struct UserPlace(long User, long Group, long Channel) : IComparable<UserPlace>
{
    /// <summary>By user, then group, then channel.</summary>
    public int CompareTo(UserPlace other) => (User, Group, Channel).CompareTo((other.User, other.Group, other.Channel));

    /// <summary>Whether one stands before another.</summary>
    public static bool operator <(UserPlace left, UserPlace right) => left.CompareTo(right) < 0;

    /// <summary>Whether one stands behind another.</summary>
    public static bool operator >(UserPlace left, UserPlace right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not stand behind another.</summary>
    public static bool operator <=(UserPlace left, UserPlace right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not stand before another.</summary>
    public static bool operator >=(UserPlace left, UserPlace right) => left.CompareTo(right) >= 0;
}
