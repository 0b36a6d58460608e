namespace Direct.Edge.Transport.Loop;

/// <summary>Specifies the result of <see cref="HandshakeRequest"/> for the start of a connection's input.</summary>
internal enum HeadStatus
{
    /// <summary>The request is not for a loop: another path, another protocol, an error, or an unusual form.</summary>
    Declined,

    /// <summary>The input can become a head that is accepted; the rest has not arrived.</summary>
    Incomplete,

    /// <summary>The input starts with a complete head of an opening handshake, which must be answered 101.</summary>
    Accepted,
}
