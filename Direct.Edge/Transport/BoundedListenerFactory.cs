using System.Diagnostics.CodeAnalysis;
using System.Net;
using Direct.Edge.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport;

/// <summary>
/// Kestrel's own sockets, of which there are never more at once than the process has file descriptors for. One too many is dropped
/// before the next is accepted: Kestrel's limit drops them later, and in a burst hundreds would be open by then. A .NET process without
/// descriptors does not only stop accepting, it dies at the first assembly that it cannot load.
/// </summary>
internal sealed class BoundedListenerFactory(IOptions<SocketTransportOptions> options, Lazy<EffectiveLimits> limits, ILoggerFactory loggerFactory)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggerFactory);
    private long _open;

    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(this, await _sockets.BindAsync(endpoint, cancellationToken));

    // Counts one more, if there is room; it is counted until its socket is closed.
    private bool TryTake(ConnectionContext connection)
    {
        if (Interlocked.Increment(ref _open) > limits.Value.MaxTcpConnections)
        {
            Interlocked.Decrement(ref _open);
            return false;
        }

        connection.ConnectionClosed.UnsafeRegister(static factory => Interlocked.Decrement(ref ((BoundedListenerFactory)factory!)._open), this);
        return true;
    }

    private sealed class Listener(BoundedListenerFactory factory, IConnectionListener inner) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Kestrel disposes of what it is given.")]
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (factory.TryTake(connection))
                {
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
