using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

/// <summary>The second dialect, over the wire.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class Direct2Tests(TestNode node)
{
    [Theory]
    [InlineData("direct.2")]
    [InlineData("chat, direct.2")]
    [InlineData("direct.2 ,chat")]
    public async Task Connect_OfferingDirect2_SelectsIt(string offer)
    {
        await using var client = await node.ConnectAsync(HandshakeOptions.Default.With("Sec-WebSocket-Protocol", offer) with { SubProtocol = "direct.2" });

        await client.SendTextAsync("auth token");

        Assert.StartsWith("welcome ", await client.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("direct.1")]
    [InlineData("Direct.2")]
    [InlineData("direct.22, xdirect.2")]
    public async Task Connect_OfferingAnother_SpeaksTheOriginalDialect(string offer)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel, HandshakeOptions.Default.With("Sec-WebSocket-Protocol", offer));

        await client.SendTextAsync(":hello");

        Assert.Equal("hello", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Connect_OfferingDirect2WhileItIsOff_SpeaksTheOriginalDialect()
    {
        await using var off = await NodeProcess.StartAsync();
        await using var client = await ProtocolClient.ConnectWithTokenAsync(off.Port, options: HandshakeOptions.Default.With("Sec-WebSocket-Protocol", "direct.2"));

        await client.JoinAsync(7, 1);
        await client.SendTextAsync(":hello");

        Assert.Equal("hello", await client.ReceiveTextAsync());
    }

    [Fact]
    public async Task Rooms_OfAMessage_AreLiveWhenJoined()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.ConnectAsync(HandshakeOptions.Direct2);

        await client.SendTextAsync($"auth token\nsince {group},0,0 x\njoin {group},{channel} #a\njoin {group},{channel + 1} #b");
        var told = await client.ReceiveUntilAsync(Direct2Texts.IsLastOfFirst);

        Assert.StartsWith("welcome ", told[0], StringComparison.Ordinal);
        Assert.Contains($"joined {group},{channel} #a", told);
        Assert.Contains($"joined {group},{channel + 1} #b", told);
        Assert.True(told.FindIndex(text => text.StartsWith($"gap {group},0,0 ", StringComparison.Ordinal)) is > 0 and var gap
            && told.FindIndex(text => text.StartsWith($"at {group},0,0 ", StringComparison.Ordinal)) == gap + 1, string.Join('|', told));
        Assert.Equal((1, 1, 1, 1), (await node.CountAsync(group, 0, 0), await node.CountAsync(0, channel, 0), await node.CountAsync(group, channel, 0), await node.CountAsync(group, channel + 1, 0)));
    }

    [Fact]
    public async Task Say_InARoomOfBothDialects_ReachesEachInItsForm()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var original = await node.JoinAsync(group, channel);
        await using var client = await node.JoinDirect2Async(group, channel);

        await client.SendTextAsync($"say {group},{channel} id=x #a\nhällo\n");
        await client.SendTextAsync($"say {group},{channel} id=x #b\nhällo\n");
        string[] told = [await client.ReceiveTextAsync(), await client.ReceiveTextAsync(), await client.ReceiveTextAsync()];
        await original.SendTextAsync(":world");

        Assert.Equal([$"{group},{channel},0|hällo\n", "ok #a", "ok #b"], told.Select(WithoutPosition).Order(StringComparer.Ordinal));
        Assert.Equal(["hällo\n", "world"], [await original.ReceiveTextAsync(), await original.ReceiveTextAsync()]);
        Assert.Equal($"{group},{channel},0|world", WithoutPosition(await client.ReceiveTextAsync()));
    }

    [Fact]
    public async Task Leave_ARoom_EndsItAndKeepsTheOthers()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinDirect2Async(group, channel);
        await client.SendTextAsync($"join {group},0 #z");
        await client.ReceiveUntilAsync(text => text == $"joined {group},0 #z");

        await client.SendTextAsync($"leave {group},{channel} #q");

        Assert.Equal($"left {group},{channel} #q", await client.ReceiveTextAsync());
        Assert.Equal((1, 0, 0), (await node.CountAsync(group, 0, 0), await node.CountAsync(group, channel, 0), await node.CountAsync(0, channel, 0)));
    }

    [Fact]
    public async Task Users_OfAConnectionInTwoRooms_AreTwoRows()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinDirect2Async(group, channel);
        await client.SendTextAsync($"join {group},{channel + 1} #z");
        await client.ReceiveUntilAsync(text => text.EndsWith("#z", StringComparison.Ordinal));

        var answer = await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-users?part={group},0,0");

        var body = Encoding.UTF8.GetString(answer.Body);
        Assert.Equal(200, answer.Status);
        Assert.Contains($"\"channel\":{channel},", body, StringComparison.Ordinal);
        Assert.Contains($"\"channel\":{channel + 1},", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstMessage_OfManyRooms_MayBeLong()
    {
        var group = node.NewNumber();
        await using var client = await node.ConnectAsync(HandshakeOptions.Direct2);
        var rooms = Enumerable.Range(1, 100).Select(channel => $"join {group},{channel} #r{channel}");
        var since = Enumerable.Range(1, 300).Select(i => $"since {group},{i},0 {new string('p', 40)}");

        await client.SendTextAsync(string.Join('\n', ["auth token", .. since, .. rooms]));
        var told = await client.ReceiveUntilAsync(text => text.StartsWith("at 0,0,0", StringComparison.Ordinal));

        Assert.Equal((100, 100), (told.Count(text => text.StartsWith("joined", StringComparison.Ordinal)), told.Count(text => text.StartsWith("gap", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("join 7,1", 1008)]
    [InlineData("", 1008)]
    public async Task FirstMessage_WithoutAuth_IsClosed(string text, int code)
    {
        await using var client = await node.ConnectAsync(HandshakeOptions.Direct2);

        await client.SendTextAsync(text);

        Assert.Equal(code, (await client.ReceiveAsync()).Status.Code);
    }

    [Fact]
    public async Task Messages_OverTheirLimit_AreClosed1009()
    {
        await using var client = await node.JoinDirect2Async(node.NewNumber(), node.NewNumber());

        await client.SendTextAsync(new string('x', 4097));

        Assert.Equal(1009, (await client.ReceiveAsync()).Status.Code);
    }

    // A position is 0 in a cluster, and that of a kept message on a single node.
    private static string WithoutPosition(string text) =>
        text.Split('\n', 2) is [var header, var payload] ? $"{header.Split(' ')[0]}|{payload}" : text;
}
