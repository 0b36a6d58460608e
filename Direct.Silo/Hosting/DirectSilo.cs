using System.Net.Sockets;
using Direct.Grains.Hosting;
using Direct.Grains.Time;
using Direct.Grains.Tls;
using Direct.Silo.Management;
using Direct.Silo.Schema;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MySqlConnector;
using Orleans.Configuration;
using OrleansClusterOptions = Orleans.Configuration.ClusterOptions;
using OrleansSiloOptions = Orleans.Configuration.SiloOptions;

namespace Direct.Silo.Hosting;

/// <summary>Puts a silo together.</summary>
internal static class DirectSilo
{
    private const string MySqlInvariant = "MySql.Data.MySqlConnector";

    /// <summary>Reads the settings: arguments before the environment before appsettings.json.</summary>
    public static void AddSiloSettings(this HostApplicationBuilder builder, string[] args)
    {
        var arguments = new SiloArguments(args);
        builder.Configuration.AddInMemoryCollection(arguments.Settings);
        builder.Services.AddSingleton(arguments);
        builder.Services.AddSingleton<SettingsCheck>();
        builder.Services.AddOptions<ClusterOptions>().BindConfiguration(ClusterOptions.SectionName);
        builder.Services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.SectionName).PostConfigure<IConfiguration>(AddNames);
        builder.Services.AddOptions<ClusterTlsOptions>().BindConfiguration(ClusterTlsOptions.SectionName);
        builder.Services.AddSingleton<IValidateOptions<ClusterOptions>, ClusterOptionsValidator>();
        builder.Services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
    }

    /// <summary>Only what someone should look at, from Orleans and .NET. Below every other source, so that any may ask for more.</summary>
    public static void AddQuietLogging(this HostApplicationBuilder builder) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = DirectGrains.LogLevels.Append((Category: "Microsoft", Level: LogLevel.Warning))
                .Select(level => KeyValuePair.Create($"Logging:LogLevel:{level.Category}", (string?)level.Level.ToString())),
        });

    /// <summary>Adds the grains and the cluster they are in.</summary>
    public static void AddDirectSilo(this HostApplicationBuilder builder)
    {
        var isMySql = builder.Configuration[$"{ClusterOptions.SectionName}:{nameof(ClusterOptions.Provider)}"] == "mysql";
        var identity = builder.Services.AddClusterTls(builder.Configuration);
        builder.UseOrleans(silo =>
        {
            silo.AddDirectGrains();
            if (identity is not null)
            {
                silo.UseClusterTls(identity);
            }

            if (isMySql)
            {
                silo.UseAdoNetClustering(ado => ado.Configure<IOptions<ClusterOptions>>(static (ado, cluster) =>
                {
                    ado.Invariant = MySqlInvariant;
                    ado.ConnectionString = MembershipDatabase.ConnectionString(cluster.Value);
                }));
            }
            else
            {
                silo.UseDevelopmentClustering(primarySiloEndpoint: null);
            }
        });
        builder.Services.AddSingleton<SiloEndpoints>();
        builder.Services.AddSingleton<ClusterClock>();
        builder.Services.AddSingleton<SiloRun>();
        builder.Services.Replace(ServiceDescriptor.Singleton<ILocalSiloDetails>(static services => services.GetRequiredService<SiloRun>()));
        builder.Services.AddSingleton<MembershipDatabase>();
        builder.Services.AddHostedService<ReadyReport>();
        builder.Services.AddWallClockWatch();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddOptions<OrleansClusterOptions>().Configure<IOptions<ClusterOptions>>(static (orleans, cluster) =>
        {
            orleans.ClusterId = cluster.Value.ClusterId;
            orleans.ServiceId = cluster.Value.ServiceId;
        });
        builder.Services.AddOptions<OrleansSiloOptions>().Configure<IOptions<SiloOptions>>(static (orleans, silo) => orleans.SiloName = silo.Value.Name!);
        builder.Services.AddOptions<EndpointOptions>().Configure<SiloEndpoints, IOptions<SiloOptions>>(static (orleans, endpoints, silo) =>
        {
            orleans.AdvertisedIPAddress = endpoints.Address;
            orleans.SiloPort = silo.Value.SiloPort;
            orleans.GatewayPort = silo.Value.GatewayPort;
            orleans.SiloListeningEndpoint = endpoints.ListenForSilos;
            orleans.GatewayListeningEndpoint = endpoints.ListenForGateways;
        });
    }

    /// <summary>Answers operators and orchestrators on a port of its own, where one is set.</summary>
    public static void AddManagementPort(this HostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SiloHealth>();
        builder.Services.AddHostedService<ManagementPort>();
    }

    /// <summary>
    /// Runs the silo until it is told to end, or applies the schema. The exit code: 0 after a graceful end; 1 when it could not start,
    /// and then every reason is on standard error, a line each.
    /// </summary>
    public static async Task<int> RunDirectSiloAsync(this IHost host)
    {
        using (host)
        {
            var services = host.Services;
            if (services.GetRequiredService<SettingsCheck>().Faults() is { Count: > 0 } faults)
            {
                return await RefuseAsync([$"{faults.Count} of its settings must be mended.", .. faults]);
            }

            var database = services.GetRequiredService<MembershipDatabase>();
            if (services.GetRequiredService<IOptions<SiloOptions>>().Value.AppliesSchema)
            {
                var (isApplied, sentence) = await database.ApplyAsync();
                await (isApplied ? Console.Out : Console.Error).WriteLineAsync(sentence);
                return isApplied ? 0 : 1;
            }

            string[] obstacles = [.. services.GetRequiredService<SiloEndpoints>().Claim(), .. await database.FaultsAsync()];
            return obstacles.Length > 0 ? await RefuseAsync(obstacles) : await RunAsync(host);
        }
    }

    private static async Task<int> RunAsync(IHost host)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await host.Services.GetRequiredService<ClusterClock>().SetAsync();
            await host.RunAsync();
            return 0;
        }
        catch (Exception exception) when (stopping.IsCancellationRequested && exception is OperationCanceledException or OrleansLifecycleCanceledException)
        {
            return 0; // told to end while it was still joining
        }
        catch (Exception exception) when (exception is OrleansException or OrleansConfigurationException or MySqlException or SocketException or IOException)
        {
            return await RefuseAsync(exception.Message);
        }
    }

    private static async Task<int> RefuseAsync(params string[] reasons)
    {
        await Console.Error.WriteLineAsync($"Direct.Silo cannot start: {reasons[0]}");
        foreach (var reason in reasons.Skip(1))
        {
            await Console.Error.WriteLineAsync($"  {reason}");
        }

        return 1;
    }

    // A pod learns its address and its name from the environment.
    private static void AddNames(SiloOptions options, IConfiguration configuration)
    {
        options.Address ??= configuration["POD_IP"] is { Length: > 0 } address ? address : null;
        options.Name ??= configuration["POD_NAME"] is { Length: > 0 } name ? name : $"{Environment.MachineName}:{options.SiloPort}";
    }
}
