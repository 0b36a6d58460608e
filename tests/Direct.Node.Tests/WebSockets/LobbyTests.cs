using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.WebSockets;

[ProtocolRow("WebSocket: :text from 0,0")]
[Collection(nameof(OnPlainNode))]
public sealed class LobbyTests(TestNode node)
{
    [Fact]
    public async Task Broadcast_FromTheLobby_ReachesTheLobbyOnly()
    {
        await using var sender = await node.EnterAsync();
        await using var other = await node.EnterAsync();
        await using var returned = await node.JoinAsync(node.NewNumber(), node.NewNumber());
        await using var inGroup = await node.JoinAsync(node.NewNumber(), 0);
        await using var inChannel = await node.JoinAsync(0, node.NewNumber());
        await returned.JoinAsync(0, 0);

        await sender.BroadcastAsync("lobby");

        Assert.Equal("lobby", await sender.ReceiveTextAsync());
        Assert.Equal("lobby", await other.ReceiveTextAsync());
        Assert.Equal("lobby", await returned.ReceiveTextAsync());
        await node.SignalAsync(0, 0, 0, "end");
        Assert.Empty(await inGroup.ReceiveTextsUntilAsync("end"));
        Assert.Empty(await inChannel.ReceiveTextsUntilAsync("end"));
    }
}

public sealed class EveryoneNode() : TestNode("Direct:Connections:UnjoinedBroadcast=everyone");

[ProtocolRow("WebSocket: :text from 0,0")]
public sealed class LobbyToEveryoneTests(EveryoneNode node) : IClassFixture<EveryoneNode>
{
    [Fact]
    public async Task Broadcast_FromTheLobby_ReachesEveryoneWithAToken()
    {
        await using var stranger = await node.ConnectAsync();
        await using var sender = await node.EnterAsync();
        await using var joined = await node.JoinAsync(node.NewNumber(), node.NewNumber());

        await sender.BroadcastAsync("everyone");

        Assert.Equal("everyone", await sender.ReceiveTextAsync());
        Assert.Equal("everyone", await joined.ReceiveTextAsync());
        await stranger.SendPingAsync(1);
        Assert.True((await stranger.ReceiveAsync()).IsPong);
    }
}

public sealed class SilentLobbyNode() : TestNode("Direct:Connections:UnjoinedBroadcast=none");

[ProtocolRow("WebSocket: :text from 0,0")]
public sealed class SilentLobbyTests(SilentLobbyNode node) : IClassFixture<SilentLobbyNode>
{
    [Fact]
    public async Task Broadcast_FromTheLobby_ReachesNobodyAndClosesNobody()
    {
        await using var sender = await node.EnterAsync();
        await using var other = await node.EnterAsync();

        await sender.BroadcastAsync("lobby");
        await sender.SyncAsync();
        await node.SignalAsync(0, 0, 0, "end");

        Assert.Empty(await sender.ReceiveTextsUntilAsync("end"));
        Assert.Empty(await other.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Broadcast_AfterAJoin_IsHeard()
    {
        await using var sender = await node.JoinAsync(node.NewNumber(), 0);

        await sender.BroadcastAsync("room");

        Assert.Equal("room", await sender.ReceiveTextAsync());
    }
}
