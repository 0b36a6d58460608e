using System.Net.Sockets;
using Direct.Grains.Hosting;
using Direct.Grains.Membership;
using Direct.Grains.Registry;
using Direct.Grains.Time;
using Direct.Grains.Tls;
using Direct.Settings;
using Direct.Silo.Endpoints;
using Direct.Silo.Leases;
using Direct.Silo.Management;
using Direct.Silo.Schema;
using Direct.Startup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MySqlConnector;
using Orleans.Configuration;
using ClusterOptions = Direct.Grains.Membership.ClusterOptions;
using OrleansSiloOptions = Orleans.Configuration.SiloOptions;
using SiloOptions = Direct.Silo.Endpoints.SiloOptions;

namespace Direct.Silo.Hosting;

/// <summary>Composes a silo from its services.</summary>
internal static class DirectSilo
{
    private const string Name = "Direct.Silo";

    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["cluster"] = $"{ClusterOptions.SectionName}:{nameof(ClusterOptions.Provider)}",
        ["schema"] = $"{SiloOptions.SectionName}:{nameof(SiloOptions.Schema)}",
    };

    /// <summary>Reads the settings. Arguments have precedence over the environment, and the environment over appsettings.json.</summary>
    public static void AddSiloSettings(this HostApplicationBuilder builder, string[] args)
    {
        builder.AddDirectArguments(args, $"{SiloOptions.SectionName}:{nameof(SiloOptions.SiloPort)}=11111", Aliases);
        builder.AddLogDefaults([.. DirectGrains.LogLevels, ("Microsoft", LogLevel.Warning)]); // only lines that someone should look at
        builder.Services.AddClusterOptions(
            ["localhost", "mysql"],
            "it must be 'localhost' for a cluster of this silo alone, or 'mysql'; 'none' is for gateways, which then need no silo",
            isShared: true); // with gateways
        builder.Services.AddDirectOptions<SiloOptions>(SiloOptions.SectionName)
            .AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        builder.Services.AddOptions<SiloOptions>().PostConfigure<IConfiguration>(AddNames);
    }

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
                silo.Services.AddSingleton<LeaseRecord>();
                silo.Services.Replace(ServiceDescriptor.Singleton<ILeaseRecord>(static services => services.GetRequiredService<LeaseRecord>()));
                silo.UseAdoNetClustering(ado => ado.Configure<IOptions<ClusterOptions>>(static (ado, cluster) =>
                {
                    ado.Invariant = MembershipDatabase.Invariant;
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
        builder.Services.AddSingleton(DatabaseUser.Silo);
        builder.Services.AddSingleton<MembershipDatabase>();
        builder.Services.AddSingleton<MembershipSchema>();
        builder.Services.AddHostedService<ReadyReport>();
        builder.Services.AddWallClockWatch();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Services.AddClusterIds();
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

    /// <summary>Serves operators and orchestrators on a separate port, if one is set.</summary>
    public static void AddManagementPort(this HostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SiloHealth>();
        builder.Services.AddHostedService<ManagementPort>();
    }

    /// <summary>
    /// Runs the silo until it is told to end, or applies the schema. Returns the exit code: 0 after a graceful end, and 1 if it could not start, with
    /// every reason on its own line of standard error.
    /// </summary>
    public static async Task<int> RunDirectSiloAsync(this IHost host)
    {
        using (host)
        {
            var services = host.Services;
            if (await ProgramStart.RefuseInvalidSettingsAsync(Name, services) is { } exitCode)
            {
                return exitCode;
            }

            if (services.GetRequiredService<IOptions<SiloOptions>>().Value.AppliesSchema)
            {
                var (isApplied, sentence) = await services.GetRequiredService<MembershipSchema>().ApplyAsync();
                await (isApplied ? Console.Out : Console.Error).WriteLineAsync(sentence);
                return isApplied ? 0 : 1;
            }

            string[] errors = [.. services.GetRequiredService<SiloEndpoints>().Claim(), .. await DatabaseErrorsAsync(services)];
            return errors.Length > 0 ? await ProgramStart.RefuseAsync(Name, errors) : await RunAsync(host);
        }
    }

    // Unlike a gateway, a silo does not wait for its database: without it, it cannot know the other members.
    private static async Task<IEnumerable<string>> DatabaseErrorsAsync(IServiceProvider services)
    {
        if (!services.GetRequiredService<IOptions<ClusterOptions>>().Value.IsMySql)
        {
            return [];
        }

        var database = services.GetRequiredService<MembershipDatabase>();
        try
        {
            return await database.FindErrorAsync(CancellationToken.None) is { } error ? [error] : [];
        }
        catch (MySqlException exception)
        {
            return [database.Sentence(exception)];
        }
    }

    private static async Task<int> RunAsync(IHost host)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await host.Services.GetRequiredService<ClusterClock>().SetAsync();
            await (host.Services.GetService<LeaseRecord>()?.JoinAsync() ?? Task.CompletedTask); // with the generation that the clock has assigned to this run
            await host.RunAsync();
            return 0;
        }
        catch (Exception exception) when (stopping.IsCancellationRequested && exception is OperationCanceledException or OrleansLifecycleCanceledException)
        {
            return 0; // told to end while it was joining
        }
        catch (Exception exception) when (exception is OrleansException or OrleansConfigurationException or MySqlException or SocketException or IOException)
        {
            return await ProgramStart.RefuseAsync(Name, exception.Message);
        }
    }

    // A pod gets its address and its name from the environment.
    private static void AddNames(SiloOptions options, IConfiguration configuration)
    {
        options.Address ??= configuration["POD_IP"] is { Length: > 0 } address ? address : null;
        options.Name ??= configuration["POD_NAME"] is { Length: > 0 } name ? name : $"{Environment.MachineName}:{options.SiloPort}";
    }
}
