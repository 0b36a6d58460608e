using System.Text.Json;
using Direct.Compare.Servers;
using Direct.Testing.Http;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Compare.Tests.Servers;

/// <summary>Tests that the peer implements the protocol dialect as far as the scenarios need it, because a comparison with it would be invalid otherwise.</summary>
public sealed class PeerTests
{
    private const string Probe = "probe";

    [Fact]
    public void Find_NothingInstalled_SaysWhatIsMissingAndHowToInstallIt()
    {
        var empty = new Checkout(Path.Combine(Path.GetTempPath(), "no-such-checkout"));

        var exception = Assert.Throws<CompareException>(() => PeerServerUnderTest.Find(empty, new Ports(21_000), null, "/no-such-folder"));

        Assert.Equal(
            "redis-server is missing; install it: apt-get install redis-server. bun is missing; install it: npm ci --prefix stress/peer. "
            + "ioredis is missing; install it: npm ci --prefix stress/peer",
            exception.Message);
    }

    [Fact]
    public async Task Start_ForTwoGateways_IsTwoNodesAndARedisThatEndTogether()
    {
        var peer = await Peer.StartAsync();

        var pids = peer.Pids;
        Assert.Equal((3, 2, 2), (pids.Count, peer.Urls.Count, peer.SignalUrls.Count));
        await peer.DisposeAsync();

        Assert.All(pids, pid => Assert.False(Directory.Exists($"/proc/{pid}"), $"{pid} is still there"));
    }

    [Fact]
    public async Task Broadcast_InARoomOverBothNodes_ReachesItsMembersInOrder()
    {
        await using var peer = await Peer.StartAsync();
        await using var sender = await JoinAsync(peer, node: 0, 1, 2);
        await using var member = await JoinAsync(peer, node: 1, 1, 2);
        await using var stranger = await JoinAsync(peer, node: 1, 1, 3);
        await AwaitNodesAsync(peer, "1,2,0", 2);
        await AwaitNodesAsync(peer, "1,3,0", 1);
        string[] texts = ["one", new('x', 511), "ä€", "", "last"];

        await sender.SendAsync(texts.Select(text => ClientFrame.Text(":" + text)));

        Assert.Equal(texts[..^1], await ReceiveUntilAsync(sender, "last"));
        Assert.Equal(texts[..^1], await ReceiveUntilAsync(member, "last"));
        await stranger.BroadcastAsync("alone");
        Assert.Empty(await ReceiveUntilAsync(stranger, "alone"));
    }

    [Fact]
    public async Task Signal_ToAUserOfTheOtherNode_ReachesHimAndSaysWhatIsKnown()
    {
        await using var peer = await Peer.StartAsync();
        await using var receiver = await JoinAsync(peer, node: 1, 1, 2);
        var user = $"0,0,{65_536 + peer.Urls[1].Port}"; // the first id of this node
        await AwaitNodesAsync(peer, user, 1);

        var answer = await SignalAsync(peer, user, "a%20b+c&id=order-1");

        Assert.Equal("""{"id":"order-1","delivered":null,"gateways":1}""", answer.Text);
        Assert.Empty(await ReceiveUntilAsync(receiver, "a b c"));
    }

    private static async Task<ProtocolClient> JoinAsync(RunningServer peer, int node, long group, long channel)
    {
        var client = await ProtocolClient.ConnectWithTokenAsync(peer.Urls[node].Port);
        await client.JoinAsync(group, channel);
        return client;
    }

    // A pong does not show that Redis has subscribed a node; the receipt of a signal does.
    private static Task AwaitNodesAsync(RunningServer peer, string part, int nodes) => Deadline.UntilAsync(
        $"{nodes} nodes at {part}",
        async () =>
        {
            using var receipt = JsonDocument.Parse((await SignalAsync(peer, part, Probe)).Body);
            return receipt.RootElement.GetProperty("gateways").GetInt32() == nodes;
        });

    private static Task<HttpAnswer> SignalAsync(RunningServer peer, string part, string message) =>
        RawHttp.RequestAsync(peer.Urls[0].Port, "GET", $"/!direct-signal?part={part}&message={message}");

    private static async Task<IEnumerable<string>> ReceiveUntilAsync(ProtocolClient client, string last) =>
        (await client.ReceiveTextsUntilAsync(last)).Where(text => text != Probe);
}
