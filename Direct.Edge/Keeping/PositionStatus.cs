namespace Direct.Edge.Keeping;

/// <summary>Specifies what is known of the position of a client.</summary>
internal enum PositionStatus
{
    /// <summary>It is part of the log, and the messages after it are kept, unless they have been evicted.</summary>
    Covered,

    /// <summary>The log does not have it.</summary>
    Unknown,

    /// <summary>This node may have missed what decides it: see <see cref="KeptTopic.PullAsync"/>.</summary>
    Undecided,
}
