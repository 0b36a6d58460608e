using System.Diagnostics;
using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Failures;

public sealed class ColdStartTests
{
    /// <summary>
    /// The registry of a new cluster serves nobody for a while, and gateways ask it again and again. Each try must not count as a gateway
    /// of its own, which would be waited for until its lease lapses.
    /// </summary>
    [Fact]
    public async Task Start_RegistryTakesItsTime_EveryGatewayIsThereOnce()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2, settings: ("Direct:Registry:ColdStartDelay", "00:00:08"));
        await using var member = await cluster.Gateways[0].JoinAsync(5, 0);
        var watch = Stopwatch.StartNew();

        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("0,0,0", "to everyone"));

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1.9));
    }
}
