using Direct.Keeping;

namespace Direct.Edge.Keeping;

/// <summary>Represents what the leader of a log has answered.</summary>
internal sealed record LogPage
{
    /// <summary>Gets the leader.</summary>
    public LeaderBallot? Ballot { get; init; }

    public required EpochTable Table { get; init; }

    /// <summary>Gets the offset of the last message of the log.</summary>
    public required long Head { get; init; }

    /// <summary>Gets the offset of the first message that the leader still has; that after <see cref="Head"/> if it has none.</summary>
    public required long First { get; init; }

    /// <summary>Gets messages of the log, contiguous and in ascending order.</summary>
    public required IReadOnlyList<LogEntry> Entries { get; init; }

    /// <summary>Gets what identifies all messages of the log that may be repeated, in the order of offsets, if the topic is opened with this; otherwise empty.</summary>
    public IReadOnlyList<(long Offset, Origin Origin, int IdAge)> Headers { get; init; } = [];

    /// <summary>Gets how many logs of the lane have ended under this leader, if the topic is opened with this.</summary>
    public int EndedLogs { get; init; }

    /// <summary>Gets whether the first message that was asked for is not kept any more. Then there are no entries.</summary>
    public bool IsEvicted { get; init; }

    /// <summary>Gets whether the leader has more of what was asked for.</summary>
    public bool HasMore { get; init; }
}
