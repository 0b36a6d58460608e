using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Routing;

/// <summary>Tests that receipts count the real deliveries. Members are on none to three gateways, more of them on the later ones.</summary>
public sealed class ReceiptTests(SharedCluster shared)
{
    public static TheoryData<string, int> Sizes
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var kind in (string[])["room", "group", "channel"])
            {
                for (var gateways = 0; gateways <= 3; gateways++)
                {
                    data.Add(kind, gateways);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Signal_MembersOnSoManyGateways_AreCounted(string kind, int gateways)
    {
        var (group, channel) = (kind == "channel" ? 0 : SharedCluster.NewNumber(), kind == "group" ? 0 : SharedCluster.NewNumber());
        var members = new List<ProtocolClient>();
        for (var i = 0; i < gateways; i++)
        {
            for (var connection = 0; connection <= i; connection++)
            {
                members.Add(await shared.Cluster.Gateways[i].JoinAsync(group, channel));
            }
        }

        foreach (var gateway in shared.Cluster.Gateways)
        {
            Assert.Equal((members.Count, gateways), await gateway.DeliverAsync($"{group},{channel},0", gateway.Name));
        }

        foreach (var member in members)
        {
            Assert.Equal(["a", "b", "c"], [await member.ReceiveTextAsync(), await member.ReceiveTextAsync(), await member.ReceiveTextAsync()]);
            await member.DisposeAsync();
        }
    }

    [Fact]
    public async Task Signal_AnIdAgainThroughAnotherGateway_IsDeliveredOnceAndAnsweredTheSame()
    {
        var group = SharedCluster.NewNumber();
        ProtocolClient[] members = [await shared.A.JoinAsync(group, 0), await shared.B.JoinAsync(group, 0)];
        var first = await shared.A.DeliverAsync($"{group},0,0", "hello", $"once-{group}");

        var again = await shared.C.DeliverAsync($"{group},0,0", "hello", $"once-{group}");
        await shared.A.DeliverAsync($"{group},0,0", "end");

        Assert.Equal(((2, 2), (2, 2)), (first, again));
        foreach (var member in members)
        {
            Assert.Equal(["hello"], await member.ReceiveTextsUntilAsync("end"));
            await member.DisposeAsync();
        }
    }

    [Fact]
    public async Task Signal_AnIdThroughAllGatewaysAtOnce_IsDeliveredOnceAndAnsweredTheSame()
    {
        for (var round = 0; round < 10; round++)
        {
            var group = SharedCluster.NewNumber();
            ProtocolClient[] members = [await shared.A.JoinAsync(group, 0), await shared.B.JoinAsync(group, 0)];

            var receipts = await Task.WhenAll(shared.Cluster.Gateways.Select(gateway => gateway.DeliverAsync($"{group},0,0", "hello", $"once-{group}")));
            await shared.A.DeliverAsync($"{group},0,0", "end");

            Assert.All(receipts, receipt => Assert.Equal((2, 2), receipt));
            foreach (var member in members)
            {
                Assert.Equal(["hello"], await member.ReceiveTextsUntilAsync("end"));
                await member.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Connect_ManyOnEveryGateway_AllHaveIdsOfTheirOwn()
    {
        var connected = await Task.WhenAll(shared.Cluster.Gateways.SelectMany(gateway => Enumerable.Range(0, 120).Select(_ => gateway.ConnectAsync())));

        Assert.Distinct(connected.Select(connection => connection.User));
        Assert.All(connected, connection => Assert.InRange(connection.User, 1, 100_000));
        foreach (var (client, _) in connected)
        {
            await client.DisposeAsync();
        }
    }
}
