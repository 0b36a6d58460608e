namespace Direct.Edge.Transport.Loop;

/// <summary>The verdict of <see cref="HandshakeRequest"/> about the start of a connection's input.</summary>
internal enum HeadStatus
{
    /// <summary>Anything that a loop does not take: another path, another protocol, an error, or just something unusual.</summary>
    Declined,

    /// <summary>May become one that is taken; the rest has not arrived.</summary>
    Incomplete,

    /// <summary>A whole head of an opening handshake that must be answered 101.</summary>
    Accepted,
}
