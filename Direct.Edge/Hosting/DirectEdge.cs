using Direct.Edge.BackendApi;
using Direct.Edge.Connections;
using Direct.Edge.Description;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Lifetime;
using Direct.Edge.LiveView;
using Direct.Edge.Node;
using Direct.Edge.OperatorConsole;
using Direct.Edge.Presence;
using Direct.Edge.Rights;
using Direct.Edge.Signals;
using Direct.Edge.Subscriptions;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Edge.Transport.Kestrel;
using Direct.Edge.Transport.Loop;
using Direct.Edge.Watching;
using Direct.Memory;
using Direct.Settings;
using Direct.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Edge.Hosting;

/// <summary>Composes a node from its services.</summary>
public static class DirectEdge
{
    /// <summary>Gets the aliases of the command line that every node knows, and the settings they stand for.</summary>
    internal static IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>
    {
        ["port"] = $"{EndpointOptions.SectionName}:{nameof(EndpointOptions.Port)}",
        ["env"] = $"{NodeOptions.SectionName}:{nameof(NodeOptions.Environment)}",
        ["transport"] = $"{EndpointOptions.SectionName}:{nameof(EndpointOptions.Transport)}",
        ["sessions"] = $"{SessionOptions.SectionName}:{nameof(SessionOptions.Mode)}",
    };

    /// <summary>Adds everything that a node needs except its backplane, and reads the arguments of the original server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="args">The command line.</param>
    /// <param name="moreAliases">
    /// Aliases of the command line besides <c>port</c>, <c>env</c>, <c>transport</c> and <c>sessions</c>, and the settings they stand for.
    /// </param>
    public static WebApplicationBuilder AddDirectEdge(
        this WebApplicationBuilder builder, string[] args, params IEnumerable<KeyValuePair<string, string>> moreAliases)
    {
        builder.AddDirectArguments(args, "Direct:Limits:MaxConnections=5000", Aliases.Concat(moreAliases));
        builder.AddLogDefaults(
            ("Microsoft.AspNetCore", LogLevel.Warning),
            ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical), // RunDirectAsync reports why a start failed
            ("Microsoft.Hosting.Lifetime", LogLevel.Warning)); // Direct logs the same itself
        builder.Services.AddDirectEdge();
        return builder;
    }

    /// <summary>Adds a page for operators: see <see cref="ManagementRoute"/>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="path">The page's exact path.</param>
    /// <param name="make">Creates the handler of the page, once.</param>
    public static WebApplicationBuilder AddManagementRoute(
        this WebApplicationBuilder builder, string path, Func<IServiceProvider, RequestDelegate> make)
    {
        builder.Services.AddSingleton(provider => new ManagementRoute(path, make(provider)));
        return builder;
    }

    private static void AddDirectEdge(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DeadlineWheel>();
        services.AddSingleton<GatewayMetrics>();
        services.AddHostedService<StartReport>();
        services
            .AddDirectMemory()
            .AddDirectNode()
            .AddDirectIdentity()
            .AddDirectTopics()
            .AddDirectRights()
            .AddDirectKeeping()
            .AddDirectSubscriptions()
            .AddDirectConnections()
            .AddDirectBackendApi()
            .AddDirectPresence()
            .AddDirectSignals()
            .AddDirectConsole()
            .AddDirectWatching()
            .AddDirectLiveView()
            .AddKestrelTransport()
            .AddLoopTransport()
            .AddDirectLifetime();
        services.AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        services.AddSingleton<IValidateOptions<KeepOptions>, KeepOptionsValidator>();
        services.AddSingleton<ApiDescription>();
        services.AddSingleton<DirectRouter>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelSetup>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, QuietRequestLines>();

        // Direct determines the address of a peer itself. ASPNETCORE_FORWARDEDHEADERS_ENABLED, common in container images, would let every peer claim
        // any address.
        services.PostConfigure<ForwardedHeadersOptions>(static forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.None);
    }
}
