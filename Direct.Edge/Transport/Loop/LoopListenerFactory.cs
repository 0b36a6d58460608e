using System.Net;
using Direct.Edge.Node;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// Creates the listeners of Kestrel's ports. The loops serve the ports that are known to be plain: <c>Direct:Endpoints:Port</c> and
/// <c>ManagementPort</c>. A listener does not know whether another port uses TLS, and a port with TLS must not be served in plain.
/// </summary>
internal sealed class LoopListenerFactory(Lazy<LoopTransport> transport, IOptions<EndpointOptions> options)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) =>
        options.Value.UsesLoops
        && endpoint is IPEndPoint { Port: not 0 } plain
        && (plain.Port == options.Value.Port || plain.Port == options.Value.ManagementPort)
        && IsOurs(plain.Address);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = transport.Value.Bind(endpoint, options.Value.IsManagement(endpoint));
        await listener.Bound.WaitAsync(cancellationToken);
        return listener;
    }

    // Another address may have the same port, with TLS.
    private bool IsOurs(IPAddress address) => options.Value.Address == "*"
        ? address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        : address.Equals(IPAddress.Parse(options.Value.Address));
}
