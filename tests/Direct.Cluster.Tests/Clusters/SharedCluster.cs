[assembly: AssemblyFixture(typeof(Direct.Cluster.Tests.Clusters.SharedCluster))]

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Provides two silos and the gateways a, b and c to all tests that inject no faults. Each test uses different ids.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private static long _lastNumber = 1_000_000;

    private DirectTestCluster? _cluster;

    internal DirectTestCluster Cluster => _cluster!;

    internal GatewayHost A => Cluster.Gateways[0];

    internal GatewayHost B => Cluster.Gateways[1];

    internal GatewayHost C => Cluster.Gateways[2];

    /// <summary>Returns an id of a group, channel or offline user that no other test uses.</summary>
    public static long NewNumber() => Interlocked.Increment(ref _lastNumber);

    public async ValueTask InitializeAsync() => _cluster = await DirectTestCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
