using System.Net;
using Direct.Edge.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// What Kestrel asks for its ports. The loops have those that are known to be plain, <c>Direct:Endpoints:Port</c> and <c>ManagementPort</c>;
/// whether another is to have TLS a listener is not told, and what must be encrypted may not be taken in plain.
/// </summary>
internal sealed class LoopListenerFactory(Lazy<LoopTransport> transport, IOptions<EndpointOptions> options)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) =>
        options.Value.UsesLoops && endpoint is IPEndPoint { Port: not 0 and var port } && (port == options.Value.Port || port == options.Value.ManagementPort);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(transport.Value.Bind(endpoint, takesSockets: ((IPEndPoint)endpoint).Port != options.Value.ManagementPort));
}
