using Direct.Grains.Canaries;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Grains.Members;
using Direct.Grains.Membership;
using Direct.Grains.Memory;
using Direct.Grains.Registry;
using Direct.Grains.Tls;
using Direct.Grains.Topics;
using Direct.Memory;
using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Metadata;
using Orleans.Runtime.Hosting;

namespace Direct.Grains.Hosting;

/// <summary>Adds Direct's grains to a silo.</summary>
public static class DirectGrains
{
    // The number of lanes whose location this silo caches. With the default, a million, clients that invent rooms fill hundreds of megabytes, which
    // are returned only at the end of the process.
    private const int MaxCachedLanes = 50_000;

    /// <summary>
    /// Gets the log levels of Orleans and its dependencies, for programs with a silo or a client: only lines that someone should look at. Any
    /// configuration can override them.
    /// </summary>
    public static IReadOnlyList<(string Category, LogLevel Level)> LogLevels { get; } =
    [
        ("Orleans", LogLevel.Warning),

        // A line for each late or lost call, and for each try to find a silo. The caller repeats the call, and logs the consequences.
        ("Orleans.Messaging", LogLevel.Error),
        ("Orleans.Runtime.CallbackData", LogLevel.Error),

        ("Orleans.Runtime.Silo", LogLevel.Error), // recommends the server GC at every start without it: the silo's choice, and all there is on one core
        ("Polly", LogLevel.Warning), // Orleans places grains through it: four lines for each new grain
    ];

    /// <summary>Adds what the grains need, and the times that make a cluster notice a death within seconds.</summary>
    public static ISiloBuilder AddDirectGrains(this ISiloBuilder silo)
    {
        // Replaces the clock of the program or of Orleans, which has registered the system's clock by now. Only a silo reads the wall time from it.
        silo.Services.AddSingleton<SteadyTimeProvider>();
        silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(static services => services.GetRequiredService<SteadyTimeProvider>()));
        silo.Services.AddMetrics();
        silo.Services.AddSingleton<GrainMetrics>();
        silo.Services.AddSingleton<LocalLanes>();
        silo.Services.AddLaneLogs();
        silo.Services.AddSingleton<SiloMembers>();
        silo.AddPlacementDirector<NamedSiloPlacement, NamedSiloDirector>();
        silo.AddGrainDirectory(NoDirectory.Name, static (_, _) => new NoDirectory());
        silo.Services.AddSingleton<IGrainPropertiesProvider, SiloVersionProperty>();
        silo.Services.AddSingleton<SiloPublisher>();
        silo.Services.AddSingleton<ILocalPublisher>(static services => services.GetRequiredService<SiloPublisher>());
        silo.Services.AddSingleton<LocalGateways>();
        silo.Services.AddSingleton<LiveGateways>();
        silo.Services.AddSingleton<ILiveGateways>(services => services.GetRequiredService<LiveGateways>());
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RegistryPoller>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, KeepBeforeStop>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, QuietStop>();
        silo.Services.TryAddSingleton<ILeaseRecord, NoLeaseRecord>();
        silo.Services.AddSingleton<ISiloConnector>(static services => new SiloConnector(services.GetService<ClusterIdentityFiles>()));
        silo.Services.AddSingleton<IDeathVotes, DeathVotes>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, EndedSilos>();
        silo.Configure<SiloConnectionOptions>(OrderlyEnds.Configure);
        silo.Services.AddDirectMemory();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SiloMemory>();
        silo.Services.AddDirectOptions<RegistryOptions>(RegistryOptions.SectionName)
            .AddSingleton<IValidateOptions<RegistryOptions>, RegistryOptionsValidator>();

        // A lost activation is rebuilt from the gateways. A directory that forgets live activations at every change of membership would make all of
        // them start again; this one does not. Orleans subtracts the time in which a dead silo is noticed from its lease.
#pragma warning disable ORLEANSEXP003 // Experimental, and measured: on a kill the default wiped 78 of 197 activations of survivors, this none.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Configure<GrainDirectoryOptions>(options =>
        {
            options.RangeLeaseDuration = SiloTimes.GivenUpAfter + SiloTimes.HoldFor;
            options.CacheSize = MaxCachedLanes;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = SiloTimes.LongestProbe;
            options.MinProbeTimeout = SiloTimes.ShortestProbe;
            options.MaxProbeTimeout = SiloTimes.LongestProbe;
            options.NumMissedProbesLimit = SiloTimes.MissedProbes;
            options.NumVotesForDeathDeclaration = 2;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
        });
        silo.Services.AddCallLimits<SiloMessagingOptions>();
        silo.Configure<SiloMessagingOptions>(options =>
        {
            options.SystemResponseTimeout = TimeSpan.FromSeconds(10);
            options.ClientDropTimeout = TimeSpan.FromSeconds(10);

            // Shorter than the clients' GatewayListRefreshPeriod, at whose end they would come back if the table did not say yet that the silo stops.
            options.ClientGatewayShutdownNotificationTimeout = QuietStop.NoticeTime;
        });
        return silo;
    }
}
