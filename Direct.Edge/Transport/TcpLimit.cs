using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;

namespace Direct.Edge.Transport;

/// <summary>
/// Counts TCP connections of every kind, so that there are never more than the process has file descriptors for. One too many is dropped
/// before the next is accepted: Kestrel's limit drops them later, and in a burst hundreds would be open by then. A .NET process without
/// descriptors does not only stop accepting, it dies at the first assembly that it cannot load. The last connections and descriptors are
/// reserved for the management port, so that probes are answered however full the public port is.
/// </summary>
internal sealed class TcpLimit(Lazy<EffectiveLimits> limits, GatewayMetrics metrics)
{
    private long _open;

    /// <summary>Counts one more, if there is room. Each that was counted is released once, when its descriptor is closed.</summary>
    /// <param name="descriptor">The connection's file descriptor.</param>
    /// <param name="isManagement">Whether it came in at the management port.</param>
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
