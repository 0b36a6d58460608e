using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Gateway.Canaries;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Hosting;
using Direct.Grains.Membership;
using Direct.Grains.Time;
using Direct.Grains.Tls;
using Direct.Settings;
using Direct.Startup;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ClusterOptions = Direct.Grains.Membership.ClusterOptions;
using ConnectionOptions = Direct.Edge.Connections.ConnectionOptions;

namespace Direct.Gateway.Cluster;

/// <summary>Makes a node a gateway of a cluster.</summary>
public static class DirectCluster
{
    /// <summary>Gets the aliases of the command line that this class adds.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Aliases { get; } =
        [new("cluster", $"{ClusterOptions.SectionName}:{nameof(ClusterOptions.Provider)}")];

    /// <summary>Joins the configured cluster, starts a cluster of one silo in this process, or runs the node without a cluster.</summary>
    public static WebApplicationBuilder AddCluster(this WebApplicationBuilder builder)
    {
        var options = Read(builder.Configuration.GetSection(ClusterOptions.SectionName));
        if (options.IsNone)
        {
            builder.Services.AddClusterOptions().AddDirectOptions<ClusterTlsOptions>(ClusterTlsOptions.SectionName);
            return builder.AddInProcessBackplane();
        }

        builder.AddLogDefaults(DirectGrains.LogLevels);
        var identity = builder.Services.AddClusterTls(builder.Configuration);
        if (options.IsMySql)
        {
            builder.Services.AddSingleton(DatabaseUser.Gateway);
            builder.Services.AddSingleton<MembershipDatabase>();
            builder.Services.AddSingleton<IClusterMembers, ClusterMembers>();
            builder.Services.AddHostedService<ClusterStart>();
            builder.Services.AddWallClockWatch();

            // A silo in this process brings its own clock. Timeouts here are compared with the waiting times of other machines.
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider, BootTimeProvider>());
            var deferred = new DeferredServices(builder.Services);
            deferred.AddOrleansClient(builder.Configuration, client => client.AddMySqlCluster(identity));
            deferred.AddClusterBackplane();
        }
        else
        {
            builder.AddEmbeddedSilo(options);
            builder.Services.AddClusterBackplane();
        }

        return builder;
    }

    internal static IServiceCollection AddClusterBackplane(this IServiceCollection services)
    {
        services.AddClusterOptions();
        services.AddMetrics();
        services.AddSingleton<ClusterMetrics>();
        services.AddSingleton<WantedTopics>();
        services.AddSingleton<LanePromises>();
        services.AddSingleton<RecoveryHandler>();
        services.AddSingleton<LaneDeduplicator>();
        services.AddSingleton<IKeptLanes, KeptLanes>();
        services.AddOptions<KeepOptions>().Configure<IOptions<ConnectionOptions>>(
            static (keep, connections) => keep.Role = connections.Value.Direct2 ? KeepRole.Keeper : KeepRole.None);
        services.TryAddSingleton<SiloConnections>();
        services.AddSingleton<CanaryBoard>();
        services.AddSingleton<ICanaries>(static provider => provider.GetRequiredService<CanaryBoard>());
        services.AddSingleton<GatewayLease>();

        // Lazy, because the services that the fence closes depend on the backplane, and the backplane depends on the lease.
        services.AddSingleton(static provider => new Lazy<INodeFence>(provider.GetRequiredService<INodeFence>));
        services.AddHostedService(static provider => provider.GetRequiredService<GatewayLease>());
        services.AddHostedService<CanaryService>();
        services.AddSingleton<KeptLaneCalls>();
        services.AddHostedService<LaneRestarts>();
        services.AddHostedService<KeptHandover>(); // stopped before the lease, which was added earlier, and when all messages of clients are accepted
        services.AddHostedService<OutboxFlush>();
        services.AddSingleton<ClusterBackplane>();
        services.AddSingleton<IBackplane>(static provider => provider.GetRequiredService<ClusterBackplane>());
        services.Replace(ServiceDescriptor.Singleton<ITestIds, ClusterTestIds>());
        return services;
    }

    private static IServiceCollection AddClusterOptions(this IServiceCollection services) => services
        .AddClusterOptions(
            ["localhost", "mysql", "none"],
            "it must be 'localhost' for a silo in this process, 'mysql' for a cluster, or 'none' for a single node without a silo")
        .AddDirectOptions<BackplaneOptions>(BackplaneOptions.SectionName)
        .AddSingleton<IValidateOptions<BackplaneOptions>, BackplaneOptionsValidator>()
        .AddDirectOptions<CanaryOptions>(CanaryOptions.SectionName)
        .AddSingleton<IValidateOptions<CanaryOptions>, CanaryOptionsValidator>();

    // Reads only what is needed before the settings have been checked; reading more could throw an error that the check reports better.
    private static ClusterOptions Read(IConfigurationSection section)
    {
        var defaults = new ClusterOptions();
        return new ClusterOptions
        {
            Provider = section[nameof(ClusterOptions.Provider)] ?? defaults.Provider,
            ClusterId = section[nameof(ClusterOptions.ClusterId)] ?? defaults.ClusterId,
            ServiceId = section[nameof(ClusterOptions.ServiceId)] ?? defaults.ServiceId,
        };
    }

    private static void AddMySqlCluster(this IClientBuilder client, ClusterIdentityFiles? identity)
    {
        if (identity is not null)
        {
            client.UseClusterTls(identity);
        }

        client.UseAdoNetClustering(static ado => ado.Configure<IOptions<ClusterOptions>>(static (ado, cluster) =>
        {
            ado.Invariant = MembershipDatabase.Invariant;
            ado.ConnectionString = MembershipDatabase.ConnectionString(cluster.Value);
        }));
        client.Services.AddClusterIds();
        client.Services.AddCallLimits<ClientMessagingOptions>();

        // Calls may go through a silo that hangs until it is not in the list any more.
        client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(0.75));
        client.UseConnectionRetryFilter<ClusterConnectionRetry>();
        client.Services.TryAddSingleton<SiloConnections>();
        client.Services.AddOptions<ClientConnectionOptions>().Configure<SiloConnections>(
            static (options, connections) => options.ConfigureConnection(connection => connection.Use(connections.Track)));
    }
}
