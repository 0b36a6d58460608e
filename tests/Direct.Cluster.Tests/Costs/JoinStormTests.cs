using System.Diagnostics;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Costs;

public sealed class JoinStormTests(ITestOutputHelper output)
{
    private const int ClientsPerGateway = 500;
    private const int JoinsPerClient = 100;
    private const int MaxSubscribeCalls = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>
    /// A cluster in which nothing is activated yet takes 100,000 joins, each of a group of its own: a subscribe call and an activation
    /// each. Every client sends all of its joins at once.
    /// </summary>
    [Fact]
    public async Task Join_AHundredThousandFreshGroups_CallsUnderWayStayBounded()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        var clients = await Task.WhenAll(cluster.Gateways.SelectMany(gateway => Enumerable.Range(0, ClientsPerGateway).Select(_ => gateway.ConnectAsync())));

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(clients.Select(async (connection, number) =>
        {
            await connection.Client.SendAsync(Enumerable.Range(1, JoinsPerClient).Select(i => ClientFrame.Text($"{(number * 1000) + i},0")));
            await connection.Client.SyncAsync(Patience);
        }));

        var joins = clients.Length * JoinsPerClient;
        output.WriteLine($"{joins:N0} joins in {watch.Elapsed.TotalSeconds:0.0} s, at most {cluster.Calls.MostSubscribes} subscribes under way");
        Assert.Equal(100_000, joins);
        Assert.InRange(cluster.Calls.MostSubscribes, 1, cluster.Gateways.Count * MaxSubscribeCalls);
        for (var number = 0; number < clients.Length; number += 100)
        {
            var group = (number * 1000) + JoinsPerClient;
            Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync($"{group},0,0", "hello"));
            Assert.Equal("hello", await clients[number].Client.ReceiveTextAsync());
        }

        foreach (var (client, _) in clients)
        {
            await client.DisposeAsync();
        }
    }
}
