using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Costs;

public sealed class JoinStormTests
{
    private const int ClientsPerGateway = 200;
    private const int JoinsPerClient = 26;

    /// <summary>More than 10,000 joins of fresh groups, as fast as the clients can send them.</summary>
    [Fact]
    public async Task Join_TenThousandFreshGroups_CallsUnderWayStayBounded()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        var clients = await Task.WhenAll(cluster.Gateways.SelectMany(gateway => Enumerable.Range(0, ClientsPerGateway).Select(_ => gateway.ConnectAsync())));

        await Task.WhenAll(clients.Select(async (connection, number) =>
        {
            await connection.Client.SendAsync(Enumerable.Range(1, JoinsPerClient).Select(i => ClientFrame.Text($"{(number * 1000) + i},0")));
            await connection.Client.SyncAsync(TimeSpan.FromSeconds(60));
        }));

        var most = cluster.Calls.MostSubscribes;
        TestContext.Current.SendDiagnosticMessage("{0} joins, at most {1} subscribes under way", clients.Length * JoinsPerClient, most);
        Assert.InRange(most, 1, 2 * 128);
        for (var number = 0; number < clients.Length; number += 40)
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
