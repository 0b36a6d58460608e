using Direct.Backplane.Specification;
using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Specification;

/// <summary>Runs the backplane specification on the cluster backplane over real silos, with separate gateways for each test.</summary>
public abstract class ClusterBackplaneSpecification(ClusterBackplaneSpecification.Silos silos) : BackplaneSpecification
{
    protected override async ValueTask<BackplaneCluster> StartAsync()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(1, GatewayCount).Select(number => BackplaneHost.StartAsync($"g{number}", silos.Cluster.Client)));
        return new Hosts([.. hosts]);
    }

    /// <summary>Provides the silos that all tests of a class share.</summary>
    public sealed class Silos : IAsyncLifetime
    {
        private DirectTestCluster? _cluster;

        internal DirectTestCluster Cluster => _cluster!;

        public async ValueTask InitializeAsync() => _cluster = await DirectTestCluster.StartAsync(gateways: 0);

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }

    private sealed class Hosts(IReadOnlyList<BackplaneHost> hosts) : BackplaneCluster
    {
        public override IReadOnlyList<BackplaneGateway> Gateways { get; } = [.. hosts.Select(host => host.Gateway)];

        public override async ValueTask DisposeAsync() => await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
    }
}

public sealed class TwoGatewaysTests(ClusterBackplaneSpecification.Silos silos)
    : ClusterBackplaneSpecification(silos), IClassFixture<ClusterBackplaneSpecification.Silos>
{
    protected override int GatewayCount => 2;
}
