using System.Text.Json;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Node.Tests.Presence;

/// <summary>Tests the cluster status of real nodes.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class ClusterTests(TestNode node)
{
    [Fact]
    public async Task Cluster_OfANodeWithASilo_IsTheTwo()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var member = await node.MemberAsync(group, channel);
        await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-signal?part={group},{channel},0&message=hello");

        var cluster = await ReadAsync(node.Port);

        var gateway = Assert.Single(cluster.GetProperty("gateways").EnumerateArray());
        Assert.Equal(cluster.GetProperty("answeredBy").GetString(), gateway.GetProperty("name").GetString());
        Assert.Equal("serving", gateway.GetProperty("state").GetString());
        Assert.InRange(gateway.GetProperty("leaseSeconds").GetDouble(), 0.1, 15);
        Assert.True(gateway.GetProperty("connections").GetInt32() >= 1);
        Assert.True(gateway.GetProperty("signals").GetInt64() >= 1);
        var silo = Assert.Single(cluster.GetProperty("silos").EnumerateArray());
        Assert.Equal(("Active", gateway.GetProperty("version").GetString()), (silo.GetProperty("status").GetString(), silo.GetProperty("version").GetString()));
        Assert.Equal("true []", $"{cluster.GetProperty("complete").GetRawText()} {cluster.GetProperty("missing")}");
        Assert.Contains($$"""{"target":"{{group}},{{channel}},0","connections":1}""", cluster.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_OfANodeWithASilo_HasItsCanary() => await Deadline.UntilAsync("a canary arrives", async () =>
    {
        var cluster = await ReadAsync(node.Port);
        var canaries = cluster.GetProperty("gateways")[0].GetProperty("canaries");
        return canaries.GetArrayLength() == 1
            && canaries[0].GetProperty("ok").GetBoolean()
            && canaries[0].GetProperty("silo").GetString() == cluster.GetProperty("silos")[0].GetProperty("name").GetString();
    });

    [Fact]
    public async Task Cluster_OfANodeThatIsAlone_IsThatNode()
    {
        await using var alone = await NodeProcess.StartAsync("cluster=none");

        var cluster = await ReadAsync(alone.Port);

        var gateway = Assert.Single(cluster.GetProperty("gateways").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, gateway.GetProperty("leaseSeconds").ValueKind);
        Assert.Equal(
            "[] [] true []",
            $"{gateway.GetProperty("canaries")} {cluster.GetProperty("silos")} {cluster.GetProperty("complete").GetRawText()} {cluster.GetProperty("missing")}");
    }

    private static async Task<JsonElement> ReadAsync(int port)
    {
        var answer = await RawHttp.RequestAsync(port, "GET", "/!direct-cluster?topics=100");
        Assert.Equal(200, answer.Status);
        using var json = JsonDocument.Parse(answer.Body);
        return json.RootElement.Clone();
    }
}
