using Direct.Gateway.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Direct.Gateway.Tests.Cluster;

public sealed class DeferredServicesTests
{
    [Fact]
    public async Task Add_HostedServicesOfEveryKind_AreLeftToTheStartOfTheCluster()
    {
        var services = new ServiceCollection();
        services.AddHostedService<First>();
        var deferred = new DeferredServices(services);

        deferred.AddSingleton<IHostedService>(new Second());
        deferred.AddSingleton<IHostedService>(static _ => new Third());
        deferred.AddHostedService<Fourth>();

        await using var provider = services.BuildServiceProvider();
        Assert.IsType<First>(Assert.Single(provider.GetServices<IHostedService>()));
        Assert.Collection(
            provider.GetKeyedServices<IHostedService>(ClusterStart.Key),
            static service => Assert.IsType<Second>(service),
            static service => Assert.IsType<Third>(service),
            static service => Assert.IsType<Fourth>(service));
    }

    [Fact]
    public async Task Add_AnyOtherService_IsAddedAsItIs()
    {
        var services = new ServiceCollection();
        var deferred = new DeferredServices(services);

        deferred.AddSingleton<Second>();
        deferred.AddKeyedSingleton<IHostedService, Third>("other");

        await using var provider = services.BuildServiceProvider();
        Assert.NotNull(provider.GetService<Second>());
        Assert.IsType<Third>(provider.GetRequiredKeyedService<IHostedService>("other"));
        Assert.Empty(provider.GetKeyedServices<IHostedService>(ClusterStart.Key));
    }

    private sealed class First : Service;

    private sealed class Second : Service;

    private sealed class Third : Service;

    private sealed class Fourth : Service;

    private abstract class Service : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
