namespace Direct.Edge.Transport.Loop;

/// <summary>The life of a <see cref="TcpSocket"/>. It only goes forward, on the loop's thread.</summary>
internal enum TcpSocketState
{
    /// <summary>Has been accepted; the loop does not know it yet.</summary>
    Accepted,

    /// <summary>The loop watches it, and its input is read.</summary>
    Open,

    /// <summary>The loop watches it; nothing is read any more, and it is closed when what has to be sent has been sent.</summary>
    Ending,

    /// <summary>Its descriptor is closed, and the number may be another socket's.</summary>
    Closed,
}
