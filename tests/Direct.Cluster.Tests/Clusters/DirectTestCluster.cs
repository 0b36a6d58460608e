using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Hosting;
using Direct.Grains.Registry;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>
/// Silos with the production directory over real sockets, and gateways as processes have them - Kestrel, an Orleans client of their own -
/// in the process of the tests.
/// </summary>
internal sealed class DirectTestCluster : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TestCluster _cluster;
    private readonly List<GatewayHost> _gateways = [];

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

    /// <summary>Starts silos, and gateways named a, b, c ….</summary>
    /// <param name="silos">How many silos.</param>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="settings">For the silos, as in their configuration.</param>
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
            await cluster.AddGatewaysAsync(gateways);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task AddGatewaysAsync(int count, params string[] arguments)
    {
        var first = Gateways.Count;
        await Task.WhenAll(Enumerable.Range(first, count).Select(async number =>
        {
            var gateway = await GatewayHost.StartAsync(Name(number), _cluster.Options, Endpoints(), arguments);
            lock (_gate)
            {
                _gateways.Add(gateway);
                _gateways.Sort(static (x, y) => string.CompareOrdinal(x.Name, y.Name));
            }
        }));
    }

    /// <summary>Stops a silo as an operator does.</summary>
    public Task StopSiloAsync(SiloHandle silo) => _cluster.StopSiloAsync(silo);

    public Task<SiloHandle> AddSiloAsync() => _cluster.StartAdditionalSiloAsync();

    /// <summary>Moves the gateway registry to a silo that the tests can stop: the first one keeps the membership table.</summary>
    public async Task MoveRegistryAsync(SiloHandle silo)
    {
        await _cluster.MigrateAsync((IAddressable)Grains.GetGrain<IGatewayRegistryGrain>(0), silo.SiloAddress);
    }

    /// <summary>Activations of a grain class on all silos.</summary>
    public async Task<int> ActivationsAsync(string className)
    {
        var statistics = await Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics.Where(statistic => statistic.GrainType.Contains(className, StringComparison.Ordinal)).Sum(statistic => statistic.ActivationCount);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Gateways.Select(gateway => gateway.DisposeAsync().AsTask()));
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    private static string Name(int number) => number < 26 ? $"{(char)('a' + number)}" : $"z{number}";

    private IPEndPoint[] Endpoints() => [.. _cluster.Silos.Select(silo => silo.GatewayAddress.Endpoint)];

    private sealed class SiloConfigurator : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.AddDirectGrains();
            siloBuilder.AddIncomingGrainCallFilter<CallRecorder.Incoming>();
            siloBuilder.AddOutgoingGrainCallFilter<CallRecorder.Outgoing>();
            if (siloBuilder.Configuration["Test:CollectionAge"] is { } age)
            {
                siloBuilder.Services.Configure<GrainCollectionOptions>(options =>
                {
                    options.CollectionQuantum = TimeSpan.FromSeconds(1);
                    options.CollectionAge = TimeSpan.Parse(age, System.Globalization.CultureInfo.InvariantCulture);
                });
            }
        }
    }
}
