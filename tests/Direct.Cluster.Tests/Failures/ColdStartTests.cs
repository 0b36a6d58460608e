using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Failures;

public sealed class ColdStartTests
{
    /// <summary>
    /// Tests a cold start with a slow registry. The registry of a new cluster rejects calls for a while, and gateways retry their registration. If
    /// each attempt registered a separate gateway, publishes would wait for it until its lease expires.
    /// </summary>
    [Fact]
    public async Task Start_RegistryTakesItsTime_EveryGatewayIsThereOnce()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2, settings: ("Direct:Registry:ColdStartDelay", "00:00:08"));
        await using var member = await cluster.Gateways[0].JoinAsync(5, 0);

        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("0,0,0", "to everyone")); // who waits for another gateway gets a 202
    }
}
