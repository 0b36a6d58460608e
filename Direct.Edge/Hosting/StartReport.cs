using Direct.Edge.BackendApi;
using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Settings;
using Direct.Startup;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>Logs at the start what an operator should know, and which settings are probably mistyped.</summary>
internal sealed partial class StartReport(
    SettingsCheck settings,
    EffectiveLimits limits,
    IOptions<LimitOptions> limitOptions,
    IOptions<NodeOptions> node,
    IOptions<EndpointOptions> endpoints,
    IOptions<SessionOptions> sessions,
    IOptions<IdentityOptions> identity,
    IOptions<SignalOptions> signals,
    SignalAccess access,
    NodeGate gate,
    GatewayMetrics metrics,
    IServer server,
    ILogger<StartReport> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var key in settings.UnknownSections)
        {
            Log.UnknownSetting(logger, key);
        }

        foreach (var setting in settings.FormerNames)
        {
            Log.FormerName(logger, setting.FormerName, setting.Name);
        }

        if (limits.MaxConnections < limitOptions.Value.MaxConnections)
        {
            Log.ConnectionLimitReduced(logger, limits.MaxConnections, limitOptions.Value.MaxConnections);
        }

        if (endpoints.Value is { UsesLoops: true, Port: not 0 and var port })
        {
            Log.DirectTransport(logger, port, endpoints.Value.LoopCount);
        }

        if (sessions.Value.IsNone && !node.Value.IsTest)
        {
            Log.EveryoneIsAnonymous(logger);
        }

        ReportCallers();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Begin(); // all listeners have subscribed by now
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        if (gate.NotReadyReason is null)
        {
            Log.Started(logger, ProgramVersion.Text, string.Join(", ", addresses), node.Value.Environment);
        }
        else
        {
            Log.StartedWithoutCluster(logger, ProgramVersion.Text, string.Join(", ", addresses), node.Value.Environment);
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void ReportCallers()
    {
        if (access.IsClosed)
        {
            Log.SignalsClosed(logger);
        }
        else
        {
            Log.SignalCallers(logger, access.Callers);
        }

        if (signals.Value.AllowedNetworks.Count > 0 && identity.Value.TrustedProxies.Count == 0)
        {
            Log.AnyProxyTrusted(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.NodeStarted, LogLevel.Information, "Direct {Version} is ready, env={Environment}, at {Addresses}: WebSockets at /!direct, signals at /!direct-signal")]
        public static partial void Started(ILogger logger, string version, string addresses, string environment);

        [LoggerMessage(EdgeEventIds.NodeStartedWithoutCluster, LogLevel.Information, "Direct {Version} listens, env={Environment}, at {Addresses}, and admits no connection until it has reached its cluster")]
        public static partial void StartedWithoutCluster(ILogger logger, string version, string addresses, string environment);

        [LoggerMessage(EdgeEventIds.DirectTransport, LogLevel.Information, "WebSockets at port {Port} use the direct transport, on {Loops} loop(s)")]
        public static partial void DirectTransport(ILogger logger, int port, int loops);

        [LoggerMessage(EdgeEventIds.EveryoneIsAnonymous, LogLevel.Warning, "sessions=none: tokens are not checked, everyone is anonymous")]
        public static partial void EveryoneIsAnonymous(ILogger logger);

        [LoggerMessage(EdgeEventIds.SignalCallers, LogLevel.Information, "Signals are accepted from {Callers}")]
        public static partial void SignalCallers(ILogger logger, string callers);

        [LoggerMessage(
            EdgeEventIds.SignalsClosed,
            LogLevel.Warning,
            "Signals are answered 403: neither Direct:Signals:Keys nor Direct:Signals:AllowedNetworks says who may send them")]
        public static partial void SignalsClosed(ILogger logger);

        [LoggerMessage(
            EdgeEventIds.AnyProxyTrusted,
            LogLevel.Warning,
            "Direct:Signals:AllowedNetworks is set and Direct:Identity:TrustedProxies is not: everyone at a loopback, private or "
            + "link-local address counts as a proxy and can claim an allowed one. Name the proxies, or 'none'")]
        public static partial void AnyProxyTrusted(ILogger logger);

        [LoggerMessage(EdgeEventIds.UnknownSetting, LogLevel.Warning, "Setting {Key} is unknown and changes nothing")]
        public static partial void UnknownSetting(ILogger logger, string key);

        [LoggerMessage(
            EdgeEventIds.FormerSettingName,
            LogLevel.Warning,
            "Setting {FormerName} is now called {Name}. The former name works in this version only: rename the setting")]
        public static partial void FormerName(ILogger logger, string formerName, string name);

        [LoggerMessage(EdgeEventIds.ConnectionLimitReduced, LogLevel.Information, "At most {Actual} connections are possible, not {Wanted}: raise the limit of file descriptors (ulimit -n)")]
        public static partial void ConnectionLimitReduced(ILogger logger, int actual, int wanted);
    }
}
