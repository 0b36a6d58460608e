namespace Direct.Stress.Protocol;

/// <summary>Specifies what <see cref="FrameReader"/> found at the beginning of its input.</summary>
internal enum FrameStatus
{
    /// <summary>A complete frame.</summary>
    Complete,

    /// <summary>The beginning of a frame; more bytes are needed.</summary>
    Incomplete,

    /// <summary>Not a frame that a server may send.</summary>
    Invalid,
}
