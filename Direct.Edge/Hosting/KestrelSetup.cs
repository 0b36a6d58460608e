using System.Net;
using Direct.Edge.BackendApi;
using Direct.Edge.Connections;
using Direct.Edge.Node;
using Direct.Edge.Transport.Kestrel;
using Direct.Settings;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>Sets Kestrel's ports and limits. It runs before errors can be reported; a node that will not start needs no ports.</summary>
internal sealed class KestrelSetup(
    SettingsCheck check,
    IConfiguration configuration,
    IOptions<EndpointOptions> endpoints,
    IOptions<SignalOptions> signals,
    IOptions<LimitOptions> limits) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        if (check.Errors.Count > 0)
        {
            return;
        }

        options.AddServerHeader = false;

        // By default Kestrel watches the certificates of its endpoints. When one changes it closes the endpoint and resets all of its connections.
        options.Configure(configuration.GetSection("Kestrel"), reloadOnChange: false);
        options.Limits.RequestHeadersTimeout = limits.Value.HandshakeTimeout;
        options.Limits.KeepAliveTimeout = limits.Value.IdleTimeout;

        // A GET request carries its message percent-encoded, which takes three characters a byte.
        options.Limits.MaxRequestLineSize = (3 * signals.Value.MaxMessageBytes) + 4096;
        options.Limits.MaxRequestBufferSize = Math.Max(1024 * 1024, options.Limits.MaxRequestLineSize + options.Limits.MaxRequestHeadersTotalSize);

        // A WebSocket over HTTP/2 is a stream of a shared connection, which this gateway does not support; browsers use HTTP/1.1 if only that is
        // offered.
        options.ConfigureEndpointDefaults(static endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.UseLastRequest();
        });
        Listen(options, endpoints.Value.Address, endpoints.Value.Port);
        Listen(options, endpoints.Value.Address, endpoints.Value.ManagementPort);
    }

    private static void Listen(KestrelServerOptions kestrel, string address, int port)
    {
        if (port == 0)
        {
            return;
        }

        if (address == "*")
        {
            kestrel.ListenAnyIP(port, HttpConnections.UseRawRequests);
        }
        else
        {
            kestrel.Listen(IPAddress.Parse(address), port, HttpConnections.UseRawRequests);
        }
    }
}
