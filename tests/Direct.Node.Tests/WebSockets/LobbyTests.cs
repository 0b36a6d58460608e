using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.WebSockets;

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
