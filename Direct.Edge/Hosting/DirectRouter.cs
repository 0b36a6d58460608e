using System.Collections.Frozen;
using Direct.Edge.Description;
using Direct.Edge.Identity;
using Direct.Edge.LiveView;
using Direct.Edge.Node;
using Direct.Edge.OperatorConsole;
using Direct.Edge.Presence;
using Direct.Edge.Signals;
using Direct.Edge.Transport.Kestrel;
using Direct.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>
/// Routes a request by its exact path. Unlike in the framework's routing, case and trailing slashes count, as in the original server.
/// </summary>
internal sealed class DirectRouter
{
    private readonly FrozenDictionary<string, RequestDelegate> _public;
    private readonly FrozenDictionary<string, RequestDelegate> _management;
    private readonly int _managementPort;
    private readonly NodeHealth _health;

    public DirectRouter(
        KestrelTransport transport,
        SignalEndpoint signals,
        UsersEndpoint users,
        CloseEndpoint closings,
        RecheckEndpoint rechecks,
        RightsEndpoint rights,
        ClusterEndpoint cluster,
        ConsoleEndpoint console,
        WatchEndpoint watches,
        ApiDescription description,
        NodeHealth health,
        IEnumerable<ManagementRoute> routes,
        IOptions<EndpointOptions> options,
        IOptions<NodeOptions> node)
    {
        _managementPort = options.Value.ManagementPort;
        _health = health;
        var sockets = new Dictionary<string, RequestDelegate> { ["/!direct"] = transport.HandleAsync };
        var rest = new Dictionary<string, RequestDelegate>
        {
            ["/!direct-signal"] = signals.HandleAsync,
            ["/!direct-users"] = users.HandleAsync,
            ["/!direct-close"] = closings.HandleAsync,
            ["/!direct-recheck"] = rechecks.HandleAsync,
            ["/!direct-rights"] = rights.HandleAsync,
            ["/!direct-cluster"] = cluster.HandleAsync,
            ["/!direct-openapi.json"] = description.HandleAsync,
            ["/livez"] = HealthAnswer.LiveAsync,
            ["/readyz"] = health.ReadyAsync,
        };
        if (_managementPort != 0 || node.Value.IsTest)
        {
            rest.Add(ConsoleEndpoint.Path, console.HandleAsync);
            rest.Add(WatchEndpoint.Path, watches.HandleAsync);
        }

        foreach (var route in routes)
        {
            rest.Add(route.Path, _managementPort == 0 ? context => LocalCaller.Is(context) ? route.Handle(context) : NothingAsync(context) : route.Handle);
        }

        _management = rest.ToFrozenDictionary(StringComparer.Ordinal);
        _public = (_managementPort == 0 ? sockets.Concat(rest) : sockets).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Gets every path that is served on the public port and on the management port.</summary>
    public IEnumerable<string> Paths => _public.Keys.Union(_management.Keys);

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (_health.IsDraining)
        {
            context.Response.Headers.Connection = "close"; // so that the caller's next request goes to another node
        }

        var handlers = _managementPort != 0 && context.Connection.LocalPort == _managementPort ? _management : _public;
        return handlers.TryGetValue(context.Request.Path.Value ?? "", out var handle) ? handle(context) : NothingAsync(context);
    }

    private static Task NothingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("Nothing here: WebSockets connect to /!direct, backends call /!direct-signal.\n");
    }
}
