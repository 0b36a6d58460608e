namespace Direct.Edge.Connections;

/// <summary>
/// Represents the socket side of one connection. The transport reads, calls <see cref="Connection.Receive"/>, and at the end calls
/// <see cref="Connection.EndAsync"/>. It sends only the bytes that it is given here, in order.
/// </summary>
internal interface ITransportConnection
{
    /// <summary>Attaches the connection that the socket belongs to, before anything is sent.</summary>
    void Attach(Connection connection);

    /// <summary>
    /// Sends as many of <paramref name="bytes"/> as possible without waiting, and returns their number. If some remain, it calls
    /// <see cref="Connection.OnWritable"/> when there is room. It is called under the connection's send lock and must not throw or call back. When
    /// the socket is closed it accepts and discards everything.
    /// </summary>
    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Gets the number of bytes that were accepted and that the kernel has not taken yet.</summary>
    int HeldBytes => 0;

    /// <summary>Gets whether the socket is known to be closed.</summary>
    bool IsGone => false;

    /// <summary>Drops the TCP connection, after which reading ends. It may be called at any time, from any thread, more than once.</summary>
    void Abort();
}
