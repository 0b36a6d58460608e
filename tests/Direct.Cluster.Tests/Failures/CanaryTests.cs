using System.Net;
using System.Text.Json;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Failures;

/// <summary>Tests canaries through real silos over real connections.</summary>
public sealed class CanaryTests
{
    private static readonly string[] Quick =
        ["Direct:Canary:Interval=00:00:00.5", "Direct:Canary:Timeout=00:00:00.4", "Direct:Canary:NotReadyAfter=00:00:02"];

    [Fact]
    public async Task Canaries_OfEachGateway_ArriveThroughEachSilo()
    {
        await using var cluster = await DirectTestCluster.StartAsync(silos: 2, gateways: 0);
        await Task.WhenAll(cluster.AddGatewayAsync(Quick), cluster.AddGatewayAsync(Quick));

        foreach (var gateway in cluster.Gateways)
        {
            await ArriveAsync(gateway, [.. cluster.Silos.Select(silo => silo.Name)]);
        }
    }

    /// <summary>Tests a one-way failure that leases do not detect: the gateway reaches the silos, but they do not reach the gateway.</summary>
    [Fact]
    public async Task Silos_ThatDoNotReachAGateway_TakeItOutOfTheBalancerUntilTheyDo()
    {
        await using var cluster = await DirectTestCluster.StartAsync(silos: 2, gateways: 0);
        var gateway = await cluster.AddGatewayAsync(Quick);
        await ArriveAsync(gateway, [.. cluster.Silos.Select(silo => silo.Name)]);

        cluster.Calls.Delay = static () => Task.FromException(new IOException("no way to the gateway"));
        await AnswersAsync(gateway, HttpStatusCode.ServiceUnavailable, "no silo can reach this gateway\n");
        using var unreachable = await StatusAsync(gateway);
        var self = Assert.Single(unreachable.RootElement.GetProperty("gateways").EnumerateArray());
        Assert.Equal("unresponsive", self.GetProperty("state").GetString());
        Assert.True(self.GetProperty("leaseSeconds").GetDouble() > 10, "the lease is renewed");
        Assert.All(self.GetProperty("canaries").EnumerateArray(), canary => Assert.False(canary.GetProperty("ok").GetBoolean()));

        cluster.Calls.Delay = static () => Task.CompletedTask;
        await AnswersAsync(gateway, HttpStatusCode.OK, "ready\n");
    }

    [Fact]
    public async Task Silo_ThatLeaves_TakesNoGatewayOut()
    {
        await using var cluster = await DirectTestCluster.StartAsync(silos: 2, gateways: 0);
        var gateway = await cluster.AddGatewayAsync(Quick);
        var (stays, leaves) = (cluster.Silos[0], cluster.Silos[1]);
        await ArriveAsync(gateway, [stays.Name, leaves.Name]);

        var stopping = cluster.StopSiloAsync(leaves);
        await Deadline.UntilAsync("the silo is forgotten", async () =>
        {
            Assert.Equal((HttpStatusCode.OK, "ready\n"), await gateway.GetAsync("/readyz"));
            return (await OkAsync(gateway)).SequenceEqual([stays.Name]);
        });
        await stopping;
    }

    private static Task ArriveAsync(GatewayHost gateway, string[] silos)
    {
        Array.Sort(silos, StringComparer.Ordinal);
        return Deadline.UntilAsync($"canaries of {gateway.Name} arrive through {string.Join(", ", silos)}", async () => (await OkAsync(gateway)).SequenceEqual(silos));
    }

    private static Task AnswersAsync(GatewayHost gateway, HttpStatusCode status, string text)
    {
        (HttpStatusCode, string) last = default;
        return Deadline.UntilAsync(
            $"/readyz answers {status}",
            async () => (last = await gateway.GetAsync("/readyz")) == (status, text),
            actual: () => $"{last}");
    }

    // Returns the silos whose last canary has arrived.
    private static async Task<IReadOnlyList<string>> OkAsync(GatewayHost gateway)
    {
        using var status = await StatusAsync(gateway);
        var self = status.RootElement.GetProperty("gateways").EnumerateArray().Single(each => each.GetProperty("name").GetString() == gateway.Name);
        return [.. self.GetProperty("canaries").EnumerateArray().Where(canary => canary.GetProperty("ok").GetBoolean()).Select(canary => canary.GetProperty("silo").GetString()!)];
    }

    private static async Task<JsonDocument> StatusAsync(GatewayHost gateway)
    {
        var (status, body) = await gateway.GetAsync("/!direct-cluster");
        Assert.True(status is HttpStatusCode.OK, body);
        return JsonDocument.Parse(body);
    }
}
