using Direct.Edge.Connections;
using Direct.Edge.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Hosting;

/// <summary>Says at the start what an operator should know, and what he probably mistyped.</summary>
internal sealed partial class StartReport(
    SettingsCheck settings,
    CommandLine commandLine,
    EffectiveLimits limits,
    IOptions<LimitOptions> limitOptions,
    IOptions<NodeOptions> node,
    IOptions<SessionOptions> sessions,
    IOptions<EndpointOptions> endpoints,
    ILogger<StartReport> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var key in settings.UnknownKeys())
        {
            Log.UnknownSetting(logger, key);
        }

        foreach (var argument in DirectArguments.Unknown(commandLine.Arguments))
        {
            Log.UnknownArgument(logger, argument, string.Join(", ", DirectArguments.Known));
        }

        if (limits.MaxConnections < limitOptions.Value.MaxConnections)
        {
            Log.ConnectionLimitReduced(logger, limits.MaxConnections, limitOptions.Value.MaxConnections);
        }

        if (sessions.Value.IsNone && !node.Value.IsTest)
        {
            Log.EveryoneIsAnonymous(logger);
        }

        Log.Started(logger, endpoints.Value.Port, node.Value.Environment);
        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.NodeStarted, LogLevel.Information, "Direct listens on port {Port}, env={Environment}: WebSockets at /!direct, signals at /!direct-signal")]
        public static partial void Started(ILogger logger, int port, string environment);

        [LoggerMessage(EdgeEventIds.EveryoneIsAnonymous, LogLevel.Warning, "sessions=none: tokens are not checked, everyone is anonymous")]
        public static partial void EveryoneIsAnonymous(ILogger logger);

        [LoggerMessage(EdgeEventIds.UnknownSetting, LogLevel.Warning, "Setting {Key} is unknown and changes nothing")]
        public static partial void UnknownSetting(ILogger logger, string key);

        [LoggerMessage(EdgeEventIds.UnknownArgument, LogLevel.Warning, "Argument '{Argument}' is unknown and changes nothing; known are {Known} and any setting by its full name, Direct:Limits:MaxConnections=5000 for instance")]
        public static partial void UnknownArgument(ILogger logger, string argument, string known);

        [LoggerMessage(EdgeEventIds.ConnectionLimitReduced, LogLevel.Warning, "At most {Actual} connections fit, not {Wanted}: raise the limit of file descriptors (ulimit -n)")]
        public static partial void ConnectionLimitReduced(ILogger logger, int actual, int wanted);
    }
}
