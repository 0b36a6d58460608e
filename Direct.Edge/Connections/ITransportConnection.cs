namespace Direct.Edge.Connections;

/// <summary>
/// The socket side of one connection, as the hub sees it. The transport reads, and calls <see cref="Connection.Receive"/> and in the end
/// <see cref="Connection.EndAsync"/>; it sends what it is handed here, in order, and nothing else.
/// </summary>
internal interface ITransportConnection
{
    /// <summary>Tells it whose socket it is, before anything is sent.</summary>
    void Attach(Connection connection);

    /// <summary>
    /// Takes as much of <paramref name="bytes"/> as it can without waiting, and says how much. After less than all it calls
    /// <see cref="Connection.OnWritable"/> when there is room. Called under the connection's send lock; must not throw or call back.
    /// Once the socket is gone it takes everything and forgets it.
    /// </summary>
    int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Gets bytes that it took and that the kernel has not taken yet.</summary>
    int HeldBytes => 0;

    /// <summary>Drops the TCP connection now. Reading then ends. May be called at any time, from any thread, more than once.</summary>
    void Abort();
}
