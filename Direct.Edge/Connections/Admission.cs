using System.Collections.Concurrent;
using System.Net;
using Direct.Edge.Protocol;
using Direct.Edge.Timing;

namespace Direct.Edge.Connections;

/// <summary>Decides whether there is room for a new connection, and counts the open ones. It also limits the joins of an address.</summary>
internal sealed class Admission(EffectiveLimits limits, DeadlineWheel wheel)
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly AddressJoins _joins = new(limits, wheel);
    private readonly Lock _acceptGate = new();
    private TokenBucket _accepts = new(limits.AcceptsPerSecond, limits.AcceptBurst, wheel.NowMs);
    private int _connections;
    private int _unauthenticated;

    /// <summary>Gets the number of connections that are admitted and not released.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Gets the number of admitted connections that have not given their token.</summary>
    public int Unauthenticated => Volatile.Read(ref _unauthenticated);

    /// <summary>Admits a connection, or returns the limit that refuses it. Every admitted connection is released once.</summary>
    /// <param name="address">The key by which the connections of an address are counted.</param>
    public CloseReason? TryAdmit(IPAddress address)
    {
        if (!TryTakeAccept())
        {
            return CloseReason.AcceptRate;
        }

        if (!TryIncrement(ref _connections, limits.MaxConnections))
        {
            return CloseReason.NodeFull;
        }

        if (!TryIncrement(ref _unauthenticated, limits.MaxUnauthenticated))
        {
            Interlocked.Decrement(ref _connections);
            return CloseReason.UnauthenticatedLimit;
        }

        if (!TryCount(address))
        {
            Interlocked.Decrement(ref _connections);
            Interlocked.Decrement(ref _unauthenticated);
            return CloseReason.AddressLimit;
        }

        return null;
    }

    /// <summary>Records that the connection has given its token.</summary>
    public void Authenticated() => Interlocked.Decrement(ref _unauthenticated);

    /// <summary>Returns whether another join of a connection from <paramref name="address"/> is within the limit of that address.</summary>
    public bool TryJoin(IPAddress address, bool canWait = false) => _joins.TryTake(address, canWait);

    public void Release(IPAddress address, bool wasAuthenticated)
    {
        Interlocked.Decrement(ref _connections);
        if (!wasAuthenticated)
        {
            Interlocked.Decrement(ref _unauthenticated);
        }

        Uncount(address);
    }

    private bool TryTakeAccept()
    {
        if (limits.AcceptsPerSecond == 0)
        {
            return true;
        }

        lock (_acceptGate)
        {
            return _accepts.TryTake(wheel.NowMs);
        }
    }

    private static bool TryIncrement(ref int count, int limit)
    {
        if (Interlocked.Increment(ref count) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    private bool TryCount(IPAddress address)
    {
        if (limits.MaxConnectionsPerAddress == 0)
        {
            return true;
        }

        // Compare-and-swap, so that the count of an address never exceeds its limit, not even for a moment.
        while (true)
        {
            if (!_perAddress.TryGetValue(address, out var count))
            {
                if (_perAddress.TryAdd(address, 1))
                {
                    return true;
                }
            }
            else if (count >= limits.MaxConnectionsPerAddress)
            {
                return false;
            }
            else if (_perAddress.TryUpdate(address, count + 1, count))
            {
                return true;
            }
        }
    }

    private void Uncount(IPAddress address)
    {
        if (limits.MaxConnectionsPerAddress == 0)
        {
            return;
        }

        while (_perAddress.TryGetValue(address, out var count))
        {
            var isDone = count == 1
                ? _perAddress.TryRemove(KeyValuePair.Create(address, 1))
                : _perAddress.TryUpdate(address, count - 1, count);
            if (isDone)
            {
                return;
            }
        }
    }
}
