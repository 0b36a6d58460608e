namespace Direct.Edge.Topics;

/// <summary>Represents a room: a group and a channel, of which one may be 0. Rooms are ordered by group, then channel.</summary>
/// <param name="Group">The group, or 0 for a channel alone.</param>
/// <param name="Channel">The channel, or 0 for a group alone.</param>
internal readonly record struct RoomId(long Group, long Channel) : IComparable<RoomId>
{
    /// <summary>Gets the target of what is said in the room.</summary>
    public Target Target => new(Group, Channel, 0);

    /// <summary>Gets the topic of what is said in the room.</summary>
    public Topic Topic => Topic.For(Target);

    /// <summary>Gets the topics that a connection in the room is a member of, at most three: the last is <see cref="Topic"/>.</summary>
    public RoomTopics Topics => (Group, Channel) switch
    {
        (0, _) or (_, 0) => new RoomTopics(Topic),
        _ => new RoomTopics(Topic.Group(Group), Topic.Channel(Channel), Topic),
    };

    public int CompareTo(RoomId other) => (Group, Channel).CompareTo((other.Group, other.Channel));
}
