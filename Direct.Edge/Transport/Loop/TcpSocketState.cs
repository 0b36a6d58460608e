namespace Direct.Edge.Transport.Loop;

/// <summary>Specifies the state of a <see cref="TcpSocket"/>. It only moves forward, on the loop's thread.</summary>
internal enum TcpSocketState
{
    /// <summary>The socket has been accepted; the loop does not watch it yet.</summary>
    Accepted,

    /// <summary>The loop watches it, and its input is read.</summary>
    Open,

    /// <summary>The loop watches it. Its input is not read any more, and it is closed when its output has been sent.</summary>
    Ending,

    /// <summary>The descriptor is closed, and another socket may have its number.</summary>
    Closed,
}
