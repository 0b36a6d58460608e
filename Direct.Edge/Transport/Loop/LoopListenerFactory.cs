using System.Net;
using Direct.Edge.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Transport.Loop;

/// <summary>
/// What Kestrel asks for its ports. The loops have the one port that is known to be plain, <c>Direct:Endpoints:Port</c>; whether another is
/// to have TLS a listener is not told, and what must be encrypted may not be taken in plain.
/// </summary>
internal sealed class LoopListenerFactory(Lazy<LoopTransport> transport, IOptions<EndpointOptions> options)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) =>
        endpoint is IPEndPoint { Port: not 0 } plain && plain.Port == options.Value.Port && options.Value.UsesLoops;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(transport.Value.Bind(endpoint));
}
