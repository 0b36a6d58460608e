using System.Collections.Concurrent;
using Direct.Edge.Timing;

namespace Direct.Edge.Connections;

/// <summary>Holds every connection of this node, from its handshake until it has ended.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly LiveCount _live = new();

    /// <summary>Gets the number of connections that are open or closing.</summary>
    public int Count => _live.Value;

    /// <summary>Gets a copy of the connections.</summary>
    public ICollection<Connection> Connections => _connections.Values;

    /// <summary>Enumerates the connections without a copy.</summary>
    public IEnumerable<Connection> EachConnection => _connections.Select(static pair => pair.Value);

    /// <summary>Completes when there is no connection.</summary>
    public Task WhenEmpty() => _live.WhenZero();

    public void Add(Connection connection)
    {
        _live.Increment(); // before others can find the connection and close it
        _connections.TryAdd(connection.Id, connection);
    }

    public void Remove(Connection connection)
    {
        if (_connections.TryRemove(connection.Id, out _))
        {
            _live.Decrement();
        }
    }
}
