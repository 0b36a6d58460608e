using Direct.Edge.Hosting;

namespace Direct.Edge.Transport;

/// <summary>
/// Counts TCP connections of every kind, so that there are never more than the process has file descriptors for. One too many is dropped
/// before the next is accepted: Kestrel's limit drops them later, and in a burst hundreds would be open by then. A .NET process without
/// descriptors does not only stop accepting, it dies at the first assembly that it cannot load.
/// </summary>
internal sealed class TcpLimit(Lazy<EffectiveLimits> limits, GatewayMetrics metrics)
{
    private long _open;

    /// <summary>Counts one more, if there is room. Each that was counted is released once, when its descriptor is closed.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _open) > limits.Value.MaxTcpConnections)
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
