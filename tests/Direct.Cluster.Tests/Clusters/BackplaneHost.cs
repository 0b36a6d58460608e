using Direct.Backplane.Specification;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Gateway.Cluster;
using Direct.Memory;
using Direct.Settings;
using Direct.Testing.Time;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Represents the cluster half of a gateway with a recording sink. It shares the client of the cluster, so a gateway costs little.</summary>
internal sealed class BackplaneHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private BackplaneHost(string name, ServiceProvider services)
    {
        _services = services;
        Gateway = new BackplaneGateway(
            name,
            services.GetRequiredService<IBackplane>(),
            services.GetRequiredService<RecordingSink>(),
            services.GetRequiredService<RecordingPresenceHandler>());
    }

    public BackplaneGateway Gateway { get; }

    public static async Task<BackplaneHost> StartAsync(string name, IClusterClient client)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Direct:Cluster:Name", name), new("Direct:Canary:Interval", "0")])
            .Build());
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IGrainFactory>(client);
        services.AddSingleton(client);
        services.AddSingleton<RecordingSink>();
        services.AddSingleton<ISignalSink>(static provider => provider.GetRequiredService<RecordingSink>());
        services.AddSingleton<RecordingPresenceHandler>();
        services.AddSingleton<IPresenceHandler>(static provider => provider.GetRequiredService<RecordingPresenceHandler>());
        services.AddSingleton<NodeGate>();
        services.AddSingleton<INodeFence, NothingToClose>();
        services.AddSingleton<ITestIds, NoTestIds>();
        services.AddDirectOptions<EndpointOptions>(EndpointOptions.SectionName);
        services.AddDirectOptions<SignalOptions>(SignalOptions.SectionName);
        services.AddSingleton(new QueueBudget(1L << 40, new MemoryWatch(ProcessMemory.OfThisProcess(), new MemoryOptions(), TimeProvider.System)));
        services.AddClusterBackplane();

        // There are no connections, so nothing is kept.
        services.Replace(ServiceDescriptor.Singleton<IKeptLanes, NothingKept>());
        foreach (var service in services.Where(static service => service.ImplementationType == typeof(KeptHandover) || service.ImplementationType == typeof(LaneRestarts)).ToList())
        {
            services.Remove(service);
        }

        var host = new BackplaneHost(name, services.BuildServiceProvider());
        foreach (var service in host._services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        var lease = host._services.GetRequiredService<GatewayLease>();
        await Deadline.UntilAsync($"gateway {name} registers", () => lease.Id is not null);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>().Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    }

    private sealed class NothingToClose : INodeFence
    {
        public void BeginLease()
        {
        }

        public Task CloseAllAsync() => Task.CompletedTask;
    }

    private sealed class NoTestIds : ITestIds
    {
        public ValueTask<long> NextAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
