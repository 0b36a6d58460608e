using System.Diagnostics;
using System.Net;
using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Failures;

public sealed class NoSiloTests
{
    /// <summary>Tests that a signal is refused after the publish timeout when no silo can host its topic, and is not delivered later.</summary>
    [Fact]
    public async Task Signal_NoSiloIsLeft_IsRefusedInTimeAndDeliveredToNobody()
    {
        await using var cluster = await DirectTestCluster.StartAsync(silos: 1, gateways: 1);
        var gateway = cluster.Gateways[0];
        gateway.ExpectsErrors = true;
        await using var member = await gateway.JoinAsync(5, 7);
        Assert.Equal((1, 1), await gateway.DeliverAsync("5,7,0", "before"));
        await cluster.StopSiloAsync(cluster.Silos[0]);
        var watch = Stopwatch.StartNew();

        var receipt = await gateway.SignalAsync("5,7,0", "hello", "once");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "once"), (receipt.Status, receipt.Id));
        Assert.Contains("did not accept the signal", receipt.Detail, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(5.5), TimeSpan.MaxValue);
        Assert.Equal("before", await member.ReceiveTextAsync());
        await member.SendPingAsync(1);
        Assert.True((await member.ReceiveAsync()).IsPong);
    }
}
