using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;

namespace Direct.Edge.Transport;

/// <summary>
/// Counts TCP connections of every kind, so that their number never exceeds the file descriptors of the process. A connection above the limit is
/// dropped before the next one is accepted. Kestrel's own limit drops it later, and in a burst hundreds would be open by then. A .NET process without
/// descriptors does not only stop accepting, it also ends at the first assembly that it cannot load. The last connections and descriptors are
/// reserved for the management port, so that probes are answered even if the public port is full.
/// </summary>
internal sealed class TcpLimit(Lazy<EffectiveLimits> limits, GatewayMetrics metrics)
{
    private long _open;

    /// <summary>Counts a connection if there is room. Each counted connection is released once, when its descriptor is closed.</summary>
    /// <param name="descriptor">The connection's file descriptor.</param>
    /// <param name="isManagement">Whether it was accepted at the management port.</param>
    public bool TryTake(long descriptor, bool isManagement)
    {
        var most = isManagement ? limits.Value.MaxTcpConnections : limits.Value.MaxPublicTcpConnections;
        if (Interlocked.Increment(ref _open) > most || (!isManagement && descriptor >= limits.Value.FirstReservedDescriptor))
        {
            Interlocked.Decrement(ref _open);
            return false;
        }

        metrics.TcpOpened();
        return true;
    }

    public void Release()
    {
        Interlocked.Decrement(ref _open);
        metrics.TcpClosed();
    }
}
