using Direct.Edge.Topics;

namespace Direct.Edge.Backplane;

/// <summary>What every live gateway is asked about its connections, or to do with them.</summary>
public enum QuestionKind : byte
{
    /// <summary>How many match.</summary>
    Count = 0,

    /// <summary>Who they are: a page of rows.</summary>
    Rows = 1,

    /// <summary>Whose they are: a page of user ids, each once.</summary>
    Users = 2,

    /// <summary>Closes those that match.</summary>
    Close = 3,
}

/// <summary>A question to every live gateway.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Target">About whom.</param>
public sealed record GatewayQuestion(QuestionKind Kind, Target Target)
{
    /// <summary>Of pages: where the last one ended, or null for the first. For <see cref="QuestionKind.Users"/> its user alone counts.</summary>
    public UserPlace? After { get; init; }

    /// <summary>Of pages: the most that one gateway may answer, at least 1. A cluster may lower it, so that its answer is no larger than one message.</summary>
    public int Limit { get; init; }

    /// <summary>Of <see cref="QuestionKind.Close"/>: 4000 to 4999.</summary>
    public ushort CloseCode { get; init; }

    /// <summary>Of <see cref="QuestionKind.Close"/>: the reason, at most 123 bytes of UTF-8.</summary>
    public string CloseText { get; init; } = "";
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
