using System.Diagnostics;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Costs;

/// <summary>Tests many concurrent joins. It runs alone, because it uses all cores, and the silos of a concurrent test could treat the delay as a failure.</summary>
[Collection(nameof(Alone))]
public sealed class JoinStormTests(ITestOutputHelper output)
{
    private const int ClientsPerGateway = 500;
    private const int JoinsPerClient = 100;
    private const int MaxSubscribeCalls = 128;

    // On a busy machine some joins wait for longer than the usual 10 s, and are refused.
    private const string SubscribeTimeout = "Direct:Connections:SubscribeTimeout=00:04:00";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>
    /// Sends 100,000 joins to a cluster without activations. Every group is new to its gateway, so each join makes one subscribe call, and every
    /// second one an activation. All clients send all of their joins at once.
    /// </summary>
    [Fact]
    public async Task Join_AHundredThousandTimesInAFreshCluster_CallsUnderWayStayBounded()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 0);
        await Task.WhenAll(cluster.AddGatewayAsync(SubscribeTimeout), cluster.AddGatewayAsync(SubscribeTimeout));
        var clients = new List<(ProtocolClient Client, int FirstGroup)>();
        foreach (var gateway in cluster.Gateways)
        {
            for (var i = 0; i < ClientsPerGateway; i++)
            {
                clients.Add(((await gateway.ConnectAsync()).Client, 1 + (i * JoinsPerClient)));
            }
        }

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(clients.Select(async connection =>
        {
            await connection.Client.SendAsync(Enumerable.Range(connection.FirstGroup, JoinsPerClient).Select(group => ClientFrame.Text($"{group},0")));
            await connection.Client.SyncAsync(Patience);
        }));

        var joins = clients.Count * JoinsPerClient;
        output.WriteLine($"{joins:N0} joins in {watch.Elapsed.TotalSeconds:0.0} s, at most {cluster.Calls.MostSubscribes} subscribes under way");
        Assert.Equal(100_000, joins);
        Assert.InRange(cluster.Calls.MostSubscribes, 1, cluster.Gateways.Count * MaxSubscribeCalls);
        for (var i = 0; i < ClientsPerGateway; i += ClientsPerGateway / 10)
        {
            var ((here, first), (there, _)) = (clients[i], clients[ClientsPerGateway + i]);
            Assert.Equal((2, 2), await cluster.Gateways[1].DeliverAsync($"{first + JoinsPerClient - 1},0,0", "hello"));
            Assert.Equal(["hello", "hello"], [await here.ReceiveTextAsync(), await there.ReceiveTextAsync()]);
        }

        foreach (var (client, _) in clients)
        {
            await client.DisposeAsync();
        }
    }
}
