using Direct.Cluster.Tests.Clusters;
using Direct.Testing.WebSockets;

namespace Direct.Cluster.Tests.Routing;

public sealed class OrderTests(SharedCluster shared)
{
    private const int Messages = 300;

    [Fact]
    public async Task Broadcast_SeveralSendersOnSeveralGateways_OneOrderForAllThatKeepsEachSenders()
    {
        var (group, channel) = (SharedCluster.NewNumber(), SharedCluster.NewNumber());
        var members = new List<ProtocolClient>();
        foreach (var gateway in shared.Cluster.Gateways)
        {
            members.Add(await gateway.JoinAsync(group, channel));
            members.Add(await gateway.JoinAsync(group, channel));
        }

        var sending = members.Select((member, sender) => Task.Run(async () =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await member.BroadcastAsync($"{sender}:{i}");
            }
        })).ToArray();
        var received = await Task.WhenAll(members.Select(member => TakeAsync(member, members.Count * Messages)));
        await Task.WhenAll(sending);

        Assert.All(received, texts => Assert.Equal(received[0], texts));
        for (var sender = 0; sender < members.Count; sender++)
        {
            Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"{sender}:{i}"), received[0].Where(text => text.StartsWith($"{sender}:", StringComparison.Ordinal)));
        }

        await DisposeAllAsync(members);
    }

    [Fact]
    public async Task Signal_OneAfterAnotherThroughOneGateway_ArriveInOrderEverywhere()
    {
        var group = SharedCluster.NewNumber();
        ProtocolClient[] members = [await shared.A.JoinAsync(group, 0), await shared.B.JoinAsync(group, 0), await shared.C.JoinAsync(group, 1)];

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal((3, 3), await shared.B.DeliverAsync($"{group},0,0", $"{i}"));
        }

        Assert.All(
            await Task.WhenAll(members.Select(member => TakeAsync(member, 100))),
            texts => Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), texts));
        await DisposeAllAsync(members);
    }

    [Fact]
    public async Task Signal_ManyAtOnceThroughAllGateways_AreAllTakenOnceAndInOneOrder()
    {
        var channel = SharedCluster.NewNumber();
        ProtocolClient[] members = [await shared.A.JoinAsync(0, channel), await shared.B.JoinAsync(7, channel), await shared.C.JoinAsync(0, channel)];

        await Task.WhenAll(shared.Cluster.Gateways.SelectMany(gateway => Enumerable.Range(0, 100).Select(async i =>
            Assert.Equal((3, 3), await gateway.DeliverAsync($"0,{channel},0", $"{gateway.Name}:{i}")))));

        var received = await Task.WhenAll(members.Select(member => TakeAsync(member, 300)));
        Assert.All(received, texts => Assert.Equal(received[0], texts));
        Assert.Distinct(received[0]);
        await DisposeAllAsync(members);
    }

    private static async Task<List<string>> TakeAsync(ProtocolClient member, int count)
    {
        var texts = new List<string>(count);
        while (texts.Count < count)
        {
            texts.Add(await member.ReceiveTextAsync());
        }

        return texts;
    }

    private static async Task DisposeAllAsync(IEnumerable<ProtocolClient> members)
    {
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }
}
