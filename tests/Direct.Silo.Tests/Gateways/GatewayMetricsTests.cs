using Direct.Silo.Tests.Silos;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Gateways;

/// <summary>Tests the metrics of a real gateway with an embedded silo: the instruments of gateway, silo and the libraries they use.</summary>
public sealed class GatewayMetricsTests
{
    [Fact]
    public async Task Metrics_OfAGatewayWithASilo_AreWellFormedAndTellOfItsCluster()
    {
        await using var gateway = TestGateway.Launch();
        await gateway.WaitReadyAsync();
        await gateway.SignalAsync("5,7,0", "hello");
        Exposition? page = null;

        await Deadline.UntilAsync("the signal is counted", async () =>
            (page = await Exposition.ReadAsync(gateway.Http, new Uri("/metrics", UriKind.Relative))).Sum("direct_gateway_signals_total", "status=\"200\"") >= 1);

        Assert.Equal(
            (1.0, 1.0, 0.0, 1.0, 1.0, 1.0),
            (page!.Sum("direct_gateway_cluster_connected"), page.Sum("direct_silo_gateways"), page.Sum("direct_silo_fenced"),
                page.Sum("direct_silo_signals_total"), page.Sum("direct_silo_lanes_active"), page.Sum("direct_silo_topics")));
        Assert.Equal((0.0, 0.0), (page.Sum("direct_gateway_cluster_fences_total"), page.Sum("direct_gateway_lanes_repeats_total")));
        Assert.Contains(page.Families, family => family.Name.StartsWith("orleans_", StringComparison.Ordinal));
    }
}
