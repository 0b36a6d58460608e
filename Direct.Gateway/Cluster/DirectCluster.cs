using Direct.Edge.Backplane;
using Direct.Edge.Hosting;
using Direct.Edge.Identity;
using Direct.Grains.Hosting;
using Direct.Grains.Time;
using Direct.Grains.Tls;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansClusterOptions = Orleans.Configuration.ClusterOptions;

namespace Direct.Gateway.Cluster;

/// <summary>Makes a node a gateway of a cluster.</summary>
public static class DirectCluster
{
    private const string MySqlInvariant = "MySql.Data.MySqlConnector";

    /// <summary>The words of the command line that this adds.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Words { get; } =
        [new("cluster", $"{ClusterOptions.SectionName}:{nameof(ClusterOptions.Provider)}")];

    /// <summary>Joins the configured cluster, starts one of its own in this process, or connects the node to nothing.</summary>
    public static WebApplicationBuilder AddCluster(this WebApplicationBuilder builder)
    {
        var options = Read(builder.Configuration.GetSection(ClusterOptions.SectionName));
        builder.Services.AddDirectOptions<ClusterTlsOptions>(ClusterTlsOptions.SectionName);
        if (options.IsNone)
        {
            builder.Services.AddClusterOptions();
            return builder.AddInProcessBackplane();
        }

        builder.AddLogDefaults([.. DirectGrains.LogLevels]);
        var identity = builder.Services.AddClusterTls(builder.Configuration);
        if (options.IsMySql)
        {
            builder.Services.AddSingleton<MembershipDatabase>();
            builder.Services.AddSingleton<IClusterMembers>(static provider => provider.GetRequiredService<MembershipDatabase>());
            builder.Services.AddHostedService<ClusterStart>();
            builder.Services.AddWallClockWatch();

            // A silo in this process brings its own. What times out here is weighed against what other machines have waited for.
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider, BootTimeProvider>());
            builder.Services.StartLater(() =>
            {
                builder.UseOrleansClient(client => client.AddMySqlCluster(options, identity));
                builder.Services.AddClusterBackplane();
            });
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
        services.AddSingleton<ReceivedLanes>();
        services.AddSingleton<GatewayLease>();

        // Lazy, because what the fence closes rests on the backplane, and that on the lease.
        services.AddSingleton(static provider => new Lazy<INodeFence>(provider.GetRequiredService<INodeFence>));
        services.AddHostedService(static provider => provider.GetRequiredService<GatewayLease>());
        services.AddHostedService<OutboxFlush>(); // stopped before the lease, which was added before
        services.AddSingleton<ClusterBackplane>();
        services.AddSingleton<IBackplane>(static provider => provider.GetRequiredService<ClusterBackplane>());
        services.Replace(ServiceDescriptor.Singleton<ITestIds, ClusterTestIds>());
        return services;
    }

    private static IServiceCollection AddClusterOptions(this IServiceCollection services) => services
        .AddDirectOptions<ClusterOptions>(ClusterOptions.SectionName)
        .AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();

    // The host starts its services one after the other, Kestrel last: one that waits for the cluster would keep it from listening. So those
    // that are added here are left to ClusterStart.
    private static void StartLater(this IServiceCollection services, Action add)
    {
        var before = services.Where(IsStartedByTheHost).ToHashSet();
        add();
        foreach (var service in services.Where(service => IsStartedByTheHost(service) && !before.Contains(service)).ToArray())
        {
            services.Remove(service);
            services.AddKeyedSingleton(ClusterStart.Key, (provider, _) => (IHostedService)(service.ImplementationFactory is { } make
                ? make(provider)
                : ActivatorUtilities.CreateInstance(provider, service.ImplementationType!)));
        }
    }

    private static bool IsStartedByTheHost(ServiceDescriptor service) => service.ServiceType == typeof(IHostedService) && !service.IsKeyedService;

    // Only what is needed before the settings have been checked; reading more could throw what the check would have said.
    private static ClusterOptions Read(IConfigurationSection section)
    {
        var defaults = new ClusterOptions();
        return new ClusterOptions
        {
            Provider = section[nameof(ClusterOptions.Provider)] ?? defaults.Provider,
            ConnectionString = section[nameof(ClusterOptions.ConnectionString)],
            ClusterId = section[nameof(ClusterOptions.ClusterId)] ?? defaults.ClusterId,
            ServiceId = section[nameof(ClusterOptions.ServiceId)] ?? defaults.ServiceId,
        };
    }

    private static void AddMySqlCluster(this IClientBuilder client, ClusterOptions options, ClusterIdentityFiles? identity)
    {
        if (identity is not null)
        {
            client.UseClusterTls(identity);
        }

        client.UseAdoNetClustering(ado =>
        {
            ado.Invariant = MySqlInvariant;
            ado.ConnectionString = options.ConnectionString;
        });
        client.Configure<OrleansClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.ClusterId;
            cluster.ServiceId = options.ServiceId;
        });
        client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        client.Configure<ClientMessagingOptions>(static messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);
            messaging.MaxMessageBodySize = 16 * 1024 * 1024;
        });
        client.Configure<ConnectionOptions>(static connections => connections.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
        client.UseConnectionRetryFilter<ClusterConnectionRetry>();
    }
}
