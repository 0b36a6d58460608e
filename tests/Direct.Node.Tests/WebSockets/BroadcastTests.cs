using System.Text;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[ProtocolRow("WebSocket: :text")]
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
    public async Task Broadcast_FromABinaryFrame_IsATextFrame()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), node.NewNumber());

        await client.SendBinaryAsync(Encoding.UTF8.GetBytes(":ж"));

        Assert.Equal("ж", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Broadcast_InFragments_ArrivesWhole()
    {
        await using var client = await node.JoinAsync(node.NewNumber(), node.NewNumber());

        // The cuts fall inside the characters too.
        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, Encoding.UTF8.GetBytes(":ж🔑ж"), 0, 1, 2, 4, 5, 6, 8));

        Assert.Equal("ж🔑ж", await client.ReceiveTextAsync());
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
    public async Task Broadcast_FromAGroupWithoutAChannel_ReachesTheWholeGroup()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var sender = await node.JoinAsync(group, 0);
        await using var inRoom = await node.JoinAsync(group, channel);
        await using var outside = await node.JoinAsync(node.NewNumber(), channel);

        await sender.BroadcastAsync("group");

        Assert.Equal("group", await sender.ReceiveTextAsync());
        Assert.Equal("group", await inRoom.ReceiveTextAsync());
        await node.SignalAsync(0, 0, 0, "end");
        Assert.Empty(await outside.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Broadcast_FromAChannelWithoutAGroup_ReachesTheWholeChannel()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var sender = await node.JoinAsync(0, channel);
        await using var inRoom = await node.JoinAsync(group, channel);
        await using var outside = await node.JoinAsync(group, node.NewNumber());

        await sender.BroadcastAsync("channel");

        Assert.Equal("channel", await sender.ReceiveTextAsync());
        Assert.Equal("channel", await inRoom.ReceiveTextAsync());
        await node.SignalAsync(0, 0, 0, "end");
        Assert.Empty(await outside.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Broadcasts_OfOneSender_ArriveInOrderAtEveryone()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var sender = await node.JoinAsync(group, channel);
        await using var other = await node.JoinAsync(group, channel);
        var texts = Enumerable.Range(0, 1_000).Select(number => $"message {number}").ToArray();

        await sender.SendAsync(texts.Select(text => ClientFrame.Text(":" + text)));

        Assert.Equal(texts[..^1], await other.ReceiveTextsUntilAsync(texts[^1]));
        Assert.Equal(texts[..^1], await sender.ReceiveTextsUntilAsync(texts[^1]));
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
