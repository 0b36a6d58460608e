using Direct.Collections;

namespace Direct.Edge.Rights;

/// <summary>Identifies a right: that of a user in a room.</summary>
/// <param name="User">The user; negative if anonymous.</param>
/// <param name="Group">The group, or 0 for a channel alone.</param>
/// <param name="Channel">The channel, or 0 for a group alone.</param>
public readonly record struct RightsKey(long User, long Group, long Channel)
{
    /// <summary>Returns the hash of the three ids, which clients choose in part.</summary>
    public override int GetHashCode() => HashCode.Combine(User, SeededHash.Of(0, Group, Channel));
}
