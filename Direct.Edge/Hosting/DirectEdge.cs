using System.Net;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Description;
using Direct.Edge.Identity;
using Direct.Edge.Presence;
using Direct.Edge.Signals;
using Direct.Edge.Topics;
using Direct.Edge.Transport;
using Direct.Edge.Transport.Loop;
using Direct.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Edge.Hosting;

/// <summary>Puts a node together.</summary>
public static class DirectEdge
{
    /// <summary>Adds everything a node needs but its backplane, and takes the arguments of the original.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="args">The command line.</param>
    /// <param name="moreWords">Short words of the command line beside <c>port</c>, <c>env</c> and <c>sessions</c>, and the settings they stand for.</param>
    public static WebApplicationBuilder AddDirectEdge(
        this WebApplicationBuilder builder, string[] args, params IEnumerable<KeyValuePair<string, string>> moreWords)
    {
        var arguments = new DirectArguments(args, moreWords);
        arguments.AddTo(builder.Configuration);
        builder.AddLogDefaults(
            ("Microsoft.AspNetCore", LogLevel.Warning),
            ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical), // RunDirectAsync says why a start failed
            ("Microsoft.Hosting.Lifetime", LogLevel.Warning)); // what it says, Direct says itself
        builder.Services.AddSingleton(arguments);
        builder.Services.AddDirectEdge();
        return builder;
    }

    /// <summary>Sets log levels that any configuration can still change.</summary>
    public static void AddLogDefaults(this WebApplicationBuilder builder, params (string Category, LogLevel Level)[] levels) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = levels.Select(level => KeyValuePair.Create($"Logging:LogLevel:{level.Category}", (string?)level.Level.ToString())),
        });

    /// <summary>Adds the backplane of a node that is alone.</summary>
    public static WebApplicationBuilder AddInProcessBackplane(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<IBackplane, InProcessBackplane>();
        return builder;
    }

    /// <summary>Adds a page for operators: see <see cref="ManagementRoute"/>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="path">The page's exact path.</param>
    /// <param name="make">Makes what answers, once.</param>
    public static WebApplicationBuilder AddManagementRoute(
        this WebApplicationBuilder builder, string path, Func<IServiceProvider, RequestDelegate> make)
    {
        builder.Services.AddSingleton(provider => new ManagementRoute(path, make(provider)));
        return builder;
    }

    /// <summary>
    /// Runs the node until it is told to end. The exit code: 0 after a drain; 1 when it could not start, and then every reason is on
    /// standard error, a line each.
    /// </summary>
    public static async Task<int> RunDirectAsync(this WebApplication app)
    {
        var check = app.Services.GetRequiredService<SettingsCheck>();
        if (check.Faults is { Count: > 0 } faults)
        {
            await Console.Error.WriteLineAsync($"Direct cannot start: {faults.Count} of its settings must be mended.");
            foreach (var fault in faults)
            {
                await Console.Error.WriteLineAsync($"  {fault}");
            }

            return 1;
        }

        app.Run(app.Services.GetRequiredService<DirectRouter>().HandleAsync);
        var (started, stopping, endpoints) = (app.Lifetime.ApplicationStarted, app.Lifetime.ApplicationStopping, Endpoints(app.Configuration)); // not to be had after a failure
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (!started.IsCancellationRequested && stopping.IsCancellationRequested)
        {
            return 0; // told to end while it waited for something
        }
#pragma warning disable CA1031 // A port that is taken, a certificate that is not there: whatever it is, the operator wants a sentence.
        catch (Exception exception) when (!started.IsCancellationRequested)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"Direct cannot start at {endpoints}: {exception.Message}");
            return 1;
        }
    }

    /// <summary>Binds a class of options to its section, and makes the start check its ranges and know its keys.</summary>
    public static IServiceCollection AddDirectOptions<TOptions>(this IServiceCollection services, string name)
        where TOptions : class
    {
        services.AddOptions<TOptions>().BindConfiguration(name);
        return services.AddSingleton<IOptionsSection>(new OptionsSection<TOptions>(name));
    }

    /// <summary>
    /// Adds a session store by the name that <c>Direct:Sessions:Mode</c> has for it. It is in use too where that is not set.
    /// </summary>
    public static IServiceCollection AddSessionStore(
        this IServiceCollection services, string name, Func<IServiceProvider, ISessionStore> make) =>
        services.AddSingleton(new SessionStoreName(name)).AddSingleton(make);

    private static void AddDirectEdge(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => FileDescriptorLimit.OfThisProcess());
        services.TryAddSingleton<ITestIds, LocalTestIds>();
        services.AddSingleton<EffectiveLimits>();
        services.AddSingleton(static provider => new Lazy<EffectiveLimits>(provider.GetRequiredService<EffectiveLimits>)); // for what is made before the settings are checked
        services.AddSingleton<GatewayMetrics>();
        services.AddMemory();
        services.AddSingleton<DeadlineWheel>();
        services.AddSingleton<Admission>();
        services.AddSingleton<TrustedProxies>();
        services.AddSingleton<ClientAddressReader>();
        services.AddSingleton<SessionStoreInUse>();
        services.AddSingleton<IdentityResolver>();
        services.AddSingleton<TopicIndex>();
        services.AddSingleton<TopicSubscriptions>();
        services.AddSingleton<SignalMemory>();
        services.AddSingleton<ISignalSink, TopicFanOut>();
        services.AddSingleton<ConnectionHub>();
        services.AddSingleton<SignalPublisher>();
        services.AddSingleton<FailedAttempts>();
        services.AddSingleton<ForeignPage>();
        services.AddSingleton<SignalAccess>();
        services.AddSingleton<SignalEndpoint>();
        services.AddSingleton<IGatewayDesk, GatewayDesk>();
        services.AddSingleton<ClusterQuestions>();
        services.AddSingleton<ExplainAnswer>();
        services.AddSingleton(static provider => new UserInfos(
            provider.GetRequiredService<SessionStoreInUse>().Store as IUserDirectory,
            provider.GetRequiredService<IOptions<SessionOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UsersEndpoint>();
        services.AddSingleton<CloseEndpoint>();
        services.AddSingleton<ApiDescription>();
        services.AddSingleton<AllowedOrigins>();
        services.AddSingleton<TcpLimit>();
        services.AddSingleton<KestrelTransport>();
        services.AddSingleton<AllowedHosts>();
        services.AddSingleton<EventLoops>();
        services.AddSingleton<LoopTransport>();
        services.AddSingleton(static provider => new Lazy<LoopTransport>(provider.GetRequiredService<LoopTransport>)); // likewise
        services.AddSingleton<IConnectionListenerFactory, BoundedListenerFactory>(); // Kestrel asks the last one added first
        services.AddSingleton<IConnectionListenerFactory, LoopListenerFactory>();
        services.AddSingleton<NodeGate>();
        services.AddSingleton<INodeFence, NodeFence>();
        services.AddSingleton<NodeHealth>();
        services.AddSingleton<DirectRouter>();
        services.AddSingleton<SettingsCheck>();
        services.AddDirectOptions();
        services.AddHostedService<StartReport>();
        services.AddHostedService<LoadShedding>();
        services.AddHostedService<DrainService>();
        services.AddHostedService<SessionStoreRun>();
        services.AddHostedService<SessionRecheck>();
        services.AddOptions<HostOptions>().Configure<IServiceProvider>(ConfigureHost);
        services.AddOptions<KestrelServerOptions>().Configure<IServiceProvider>(ConfigureKestrel);

        // Who a peer is we read ourselves. ASPNETCORE_FORWARDEDHEADERS_ENABLED, common in container images, would let everyone say it.
        services.PostConfigure<ForwardedHeadersOptions>(static forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.None);
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, QuietRequestLines>();

        // A pool hop per read and per write costs more than the work itself; nothing here blocks.
        services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
    }

    // A silo in the same process uses these too.
    private static void AddMemory(this IServiceCollection services)
    {
        services.TryAddSingleton(static _ => ProcessMemory.OfThisProcess());
        services.TryAddSingleton(static provider => new MemoryWatch(
            provider.GetRequiredService<ProcessMemory>(), provider.GetRequiredService<IOptions<MemoryOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMemoryWatch>(static provider => provider.GetRequiredService<MemoryWatch>());
        services.TryAddSingleton(static provider => QueueBudget.Of(
            provider.GetRequiredService<IOptions<MemoryOptions>>().Value, provider.GetRequiredService<ProcessMemory>(), provider.GetRequiredService<IMemoryWatch>()));
    }

    private static void AddDirectOptions(this IServiceCollection services)
    {
        services.AddDirectOptions<NodeOptions>(NodeOptions.SectionName);
        services.AddDirectOptions<EndpointOptions>(EndpointOptions.SectionName).AddSingleton<IValidateOptions<EndpointOptions>, EndpointOptionsValidator>();
        services.AddDirectOptions<SessionOptions>(SessionOptions.SectionName).AddSingleton<IValidateOptions<SessionOptions>, SessionOptionsValidator>();
        services.AddDirectOptions<IdentityOptions>(IdentityOptions.SectionName).AddSingleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>();
        services.AddDirectOptions<ConnectionOptions>(ConnectionOptions.SectionName).AddSingleton<IValidateOptions<ConnectionOptions>, ConnectionOptionsValidator>();
        services.AddDirectOptions<LimitOptions>(LimitOptions.SectionName);
        services.AddDirectOptions<TopicOptions>(TopicOptions.SectionName);
        services.AddDirectOptions<SignalOptions>(SignalOptions.SectionName)
            .AddSingleton<IValidateOptions<SignalOptions>, SignalOptionsValidator>();
        services.AddDirectOptions<MemoryOptions>(MemoryOptions.SectionName);
        services.AddDirectOptions<DrainOptions>(DrainOptions.SectionName);
    }

    private static string Endpoints(IConfiguration configuration) => string.Join(", ", configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Select(endpoint => endpoint["Url"])
        .Prepend($"{configuration[$"{EndpointOptions.SectionName}:Address"] ?? "*"}:{configuration[$"{EndpointOptions.SectionName}:Port"] ?? "8085"}"));

    // These two run before RunDirectAsync can report faults; a node that will not start needs neither ports nor times.

    private static void ConfigureHost(HostOptions host, IServiceProvider services)
    {
        if (services.GetRequiredService<SettingsCheck>().Faults.Count == 0)
        {
            host.ShutdownTimeout = DrainService.Longest(
                services.GetRequiredService<IOptions<DrainOptions>>().Value, services.GetRequiredService<IOptions<ConnectionOptions>>().Value);
        }
    }

    private static void ConfigureKestrel(KestrelServerOptions kestrel, IServiceProvider services)
    {
        if (services.GetRequiredService<SettingsCheck>().Faults.Count > 0)
        {
            return;
        }

        var endpoints = services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        var signals = services.GetRequiredService<IOptions<SignalOptions>>().Value;
        var limits = services.GetRequiredService<IOptions<LimitOptions>>().Value;
        kestrel.AddServerHeader = false;

        // By default Kestrel watches the certificates of its endpoints. For a new one it closes the endpoint, and resets all of its connections.
        kestrel.Configure(services.GetRequiredService<IConfiguration>().GetSection("Kestrel"), reloadOnChange: false);
        kestrel.Limits.RequestHeadersTimeout = limits.HandshakeTimeout;
        kestrel.Limits.KeepAliveTimeout = limits.IdleTimeout;

        // A GET carries its message percent-encoded, three characters a byte.
        kestrel.Limits.MaxRequestLineSize = (3 * signals.MaxMessageBytes) + 4096;
        kestrel.Limits.MaxRequestBufferSize = Math.Max(1024 * 1024, kestrel.Limits.MaxRequestLineSize + kestrel.Limits.MaxRequestHeadersTotalSize);

        // A WebSocket of HTTP/2 is a stream beside others, which this gateway does not speak; browsers use HTTP/1.1 when told so.
        kestrel.ConfigureEndpointDefaults(static endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.UseLastRequest();
        });
        Listen(kestrel, endpoints.Address, endpoints.Port);
        Listen(kestrel, endpoints.Address, endpoints.ManagementPort);
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
