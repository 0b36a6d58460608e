using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class BroadcastTests(TestNode node)
{
    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("1,2")]
    [InlineData(" leading and trailing ")]
    [InlineData("quotes \" ' \\ and <tags> & \0 zeros \r\n")]
    [InlineData("ж 🔑 \uFEFF \u2028")]
    public async Task Broadcast_AnyText_ReachesEveryoneInTheRoomTheSenderToo(string text)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var sender = await node.JoinAsync(group, channel);
        await using var other = await node.JoinAsync(group, channel);

        await sender.BroadcastAsync(text);

        Assert.Equal(text, await other.ReceiveTextAsync());
        Assert.Equal(text, await sender.ReceiveTextAsync());
    }

    [Fact]
    public async Task Broadcast_InARoom_ReachesThatRoomOnly()
    {
        var (group, otherGroup) = (node.NewNumber(), node.NewNumber());
        var (channel, otherChannel) = (node.NewNumber(), node.NewNumber());
        await using var sender = await node.JoinAsync(group, channel);
        await using var sameGroup = await node.JoinAsync(group, otherChannel);
        await using var sameChannel = await node.JoinAsync(otherGroup, channel);
        await using var groupOnly = await node.JoinAsync(group, 0);
        await using var channelOnly = await node.JoinAsync(0, channel);
        await using var lobby = await node.EnterAsync();

        await sender.BroadcastAsync("room");
        Assert.Equal("room", await sender.ReceiveTextAsync());
        await node.SignalAsync(0, 0, 0, "end");

        foreach (var client in new[] { sameGroup, sameChannel, groupOnly, channelOnly, lobby })
        {
            Assert.Empty(await client.ReceiveTextsUntilAsync("end"));
        }
    }

    [Fact]
    public async Task Broadcasts_OfManySenders_ArriveInOneOrderForAll()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var clients = new List<ProtocolClient>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await node.JoinAsync(group, channel));
        }

        await Task.WhenAll(clients.Select((client, sender) =>
            client.SendAsync(Enumerable.Range(0, 100).Select(number => ClientFrame.Text($":{sender} {number}")))));

        var received = await Task.WhenAll(clients.Select(client => ReceiveAsync(client, 400)));
        Assert.All(received, texts => Assert.Equal(received[0], texts));
        Assert.Equal(400, received[0].Distinct().Count());
        await Task.WhenAll(clients.Select(client => client.CloseAsync()));
    }

    private static async Task<string[]> ReceiveAsync(ProtocolClient client, int count)
    {
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = await client.ReceiveTextAsync();
        }

        return texts;
    }
}
