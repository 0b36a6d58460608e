using System.Net;
using System.Text.Json;
using Direct.Cluster.Tests.Clusters;
using Direct.Startup;

namespace Direct.Cluster.Tests.Presence;

/// <summary>Tests that any gateway reports the status of all gateways and silos.</summary>
public sealed class ClusterStatusTests(SharedCluster cluster)
{
    [Fact]
    public async Task Cluster_AskedOfAnyGateway_HasAllGatewaysAndSilos()
    {
        foreach (var gateway in (GatewayHost[])[cluster.A, cluster.B, cluster.C])
        {
            var (status, body) = await gateway.GetAsync("/!direct-cluster");

            Assert.Equal(HttpStatusCode.OK, status);
            using var json = JsonDocument.Parse(body);
            var (gateways, silos) = (json.RootElement.GetProperty("gateways"), json.RootElement.GetProperty("silos"));
            Assert.Equal(gateway.Name, json.RootElement.GetProperty("answeredBy").GetString());
            Assert.Equal(["a", "b", "c"], gateways.EnumerateArray().Select(each => each.GetProperty("name").GetString()));
            Assert.All(gateways.EnumerateArray(), each =>
            {
                Assert.Equal((ProgramVersion.Text, "serving"), (each.GetProperty("version").GetString(), each.GetProperty("state").GetString()));
                Assert.InRange(each.GetProperty("leaseSeconds").GetDouble(), 0.1, 15);
            });
            Assert.Equal(
                cluster.Cluster.Silos.Select(silo => $"{silo.Name} {ProgramVersion.Text} Active").Order(StringComparer.Ordinal),
                silos.EnumerateArray().Select(each => $"{each.GetProperty("name")} {each.GetProperty("version")} {each.GetProperty("status")}"));
            Assert.True(json.RootElement.GetProperty("complete").GetBoolean());
        }
    }

    [Fact]
    public async Task Cluster_ATopicOnSeveralGateways_IsCountedOverAllOfThem()
    {
        var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
        await using var first = await cluster.A.JoinAsync(group, channel);
        await using var second = await cluster.B.JoinAsync(group, channel);
        await Task.WhenAll(first.SyncAsync(), second.SyncAsync());

        var (_, body) = await cluster.C.GetAsync("/!direct-cluster?topics=100");

        Assert.Contains($$"""{"target":"{{group}},{{channel}},0","connections":2}""", body, StringComparison.Ordinal);
    }
}
