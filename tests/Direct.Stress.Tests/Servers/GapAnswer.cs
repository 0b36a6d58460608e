namespace Direct.Stress.Tests.Servers;

/// <summary>Specifies when a server announces a gap to a client that comes back.</summary>
internal enum GapAnswer
{
    /// <summary>Never: the client receives what it has missed.</summary>
    None,

    /// <summary>Before anything later.</summary>
    InTime,

    /// <summary>After the next message, which is too late.</summary>
    Late,
}
