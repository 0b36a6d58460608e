namespace Direct.Stress.Protocol;

/// <summary>What <see cref="FrameReader"/> found at the beginning of its input.</summary>
internal enum FrameStatus
{
    /// <summary>A whole frame.</summary>
    Complete,

    /// <summary>The beginning of one; more bytes are needed.</summary>
    Incomplete,

    /// <summary>No frame that a server may send.</summary>
    Invalid,
}
