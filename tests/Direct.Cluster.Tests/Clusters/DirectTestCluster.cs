using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Hosting;
using Direct.Grains.Registry;
using Orleans.TestingHost;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>
/// Represents a cluster in the test process: silos with the production directory over real sockets, and gateways with Kestrel and a separate Orleans
/// client, as in production.
/// </summary>
internal sealed class DirectTestCluster : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TestCluster _cluster;
    private readonly List<GatewayHost> _gateways = [];
    private int _lastGateway;

    private DirectTestCluster(TestCluster cluster)
    {
        _cluster = cluster;
        Calls = CallRecorder.Of(cluster.Options.ClusterId);
    }

    public CallRecorder Calls { get; }

    public IReadOnlyList<SiloHandle> Silos => [.. _cluster.Silos];

    public IGrainFactory Grains => _cluster.GrainFactory;

    public IClusterClient Client => _cluster.Client;

    public IReadOnlyList<GatewayHost> Gateways
    {
        get
        {
            lock (_gate)
            {
                return [.. _gateways];
            }
        }
    }

    /// <summary>Starts silos, and gateways named a, b, c and so on.</summary>
    /// <param name="silos">The number of silos.</param>
    /// <param name="gateways">The number of gateways.</param>
    /// <param name="settings">The configuration settings of the silos.</param>
    public static async Task<DirectTestCluster> StartAsync(int silos = 2, int gateways = 3, params (string Key, string Value)[] settings)
    {
        var builder = new TestClusterBuilder((short)silos) { PortAllocator = new LoopbackPorts() };
        builder.Options.ConnectionTransport = ConnectionTransportType.TcpSocket;
        builder.Options.ConfigureFileLogging = false;
        builder.Properties[$"{RegistryOptions.SectionName}:{nameof(RegistryOptions.ColdStartDelay)}"] = "00:00:00";
        foreach (var (key, value) in settings)
        {
            builder.Properties[key] = value;
        }

        builder.AddSiloBuilderConfigurator<SiloConfigurator>();
        var cluster = new DirectTestCluster(builder.Build());
        try
        {
            await cluster._cluster.DeployAsync();
            await Task.WhenAll(Enumerable.Range(0, gateways).Select(_ => cluster.AddGatewayAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more gateway, named with the next letter.</summary>
    /// <param name="arguments">The command-line arguments of the gateway.</param>
    public async Task<GatewayHost> AddGatewayAsync(params string[] arguments)
    {
        var gateway = await GatewayHost.StartAsync($"{(char)('a' + Interlocked.Increment(ref _lastGateway) - 1)}", _cluster.Options, Endpoints(), arguments);
        lock (_gate)
        {
            _gateways.Add(gateway);
            _gateways.Sort(static (x, y) => string.CompareOrdinal(x.Name, y.Name));
            return gateway;
        }
    }

    /// <summary>Stops a silo gracefully.</summary>
    public Task StopSiloAsync(SiloHandle silo) => _cluster.StopSiloAsync(silo);

    /// <summary>Moves the gateway registry to a silo that tests can stop. The first silo cannot be stopped, because it hosts the membership table.</summary>
    public async Task MoveRegistryAsync(SiloHandle silo)
    {
        await _cluster.MigrateAsync((IAddressable)Grains.GetGrain<IGatewayRegistryGrain>(0), silo.SiloAddress);
    }

    /// <summary>
    /// Deactivates on every silo the activations that have been idle for the given time. Orleans does so only after the minutes that the grain class
    /// specifies.
    /// </summary>
    public Task CollectAsync(TimeSpan idleFor) => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(idleFor);

    /// <summary>Returns the number of activations of a grain class on all silos. It does not use the simple statistics, which all silos of a process share.</summary>
    public async Task<int> ActivationsAsync(string className)
    {
        var statistics = await Grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        return statistics.Count(statistic => statistic.GrainType.Contains(className, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Gateways.Select(gateway => gateway.DisposeAsync().AsTask()));
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    private IPEndPoint[] Endpoints() => [.. _cluster.Silos.Select(silo => silo.GatewayAddress.Endpoint)];

    private sealed class SiloConfigurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.AddDirectGrains();
            siloBuilder.AddIncomingGrainCallFilter<CallRecorder.Incoming>();
            siloBuilder.AddOutgoingGrainCallFilter<CallRecorder.Outgoing>();
        }
    }
}
