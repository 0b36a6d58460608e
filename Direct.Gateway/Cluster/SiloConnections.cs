using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Knows the connections to silos, to end them when calls over them are not answered. When the network was cut, and always when this gateway
/// has another address since, a connection may be open on this side only. TCP goes on sending for a quarter of an hour then, and Orleans
/// uses a connection for as long as it is open.
/// </summary>
internal sealed class SiloConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();

    /// <summary>Keeps count of the connections that are handed to <paramref name="next"/>.</summary>
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
        }
    };

    /// <summary>Ends all of them. Calls that are under way fail, and the next ones open new connections.</summary>
    public void AbortAll()
    {
        foreach (var connection in _open.Keys)
        {
            connection.Abort();
        }
    }
}
