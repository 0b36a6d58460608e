using System.Diagnostics.CodeAnalysis;
using System.Net;
using Direct.Edge.Node;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport.Kestrel;

/// <summary>Creates the listeners of Kestrel's sockets, whose connections are limited by <see cref="TcpLimit"/>.</summary>
internal sealed class BoundedListenerFactory(
    IOptions<SocketTransportOptions> options, IOptions<EndpointOptions> endpoints, TcpLimit limit, ILoggerFactory loggerFactory)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly SocketTransportFactory _sockets = new(options, loggerFactory);

    public bool CanBind(EndPoint endpoint) => _sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(limit, await _sockets.BindAsync(endpoint, cancellationToken), endpoints.Value.IsManagement(endpoint));

    private sealed class Listener(TcpLimit limit, IConnectionListener inner, bool isManagement) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Kestrel disposes of what it is given.")]
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limit.TryTake(DescriptorOf(connection), isManagement))
                {
                    connection.ConnectionClosed.UnsafeRegister(static limit => ((TcpLimit)limit!).Release(), limit);
                    return connection;
                }

                connection.Abort();
                await connection.DisposeAsync();
            }

            return null;
        }

        // A connection without its own socket takes no descriptor.
        private static long DescriptorOf(ConnectionContext connection) =>
            connection.Features.Get<IConnectionSocketFeature>()?.Socket.SafeHandle.DangerousGetHandle() ?? 0;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
