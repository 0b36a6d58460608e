using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Holds the connections to silos, counts those that have ended, and ends them when calls over them are not answered. After the network was cut, and always if this gateway has
/// another address since, a connection may be open on this side only. TCP then keeps sending for a quarter of an hour, and Orleans uses a connection
/// for as long as it is open.
/// </summary>
internal sealed class SiloConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();
    private long _ended;

    /// <summary>Gets the number of connections that have ended: the silo may have left.</summary>
    public long Ended => Volatile.Read(ref _ended);

    /// <summary>Tracks the connections that are passed to <paramref name="next"/>.</summary>
    public ConnectionDelegate Track(ConnectionDelegate next) => async connection =>
    {
        _open.TryAdd(connection, true);
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
            Interlocked.Increment(ref _ended);
        }
    };

    /// <summary>Ends all connections. Calls in flight fail, and the next ones open new connections.</summary>
    public void AbortAll()
    {
        foreach (var connection in _open.Keys)
        {
            connection.Abort();
        }
    }
}
