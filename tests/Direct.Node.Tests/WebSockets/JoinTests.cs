using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class JoinTests(TestNode node)
{
    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_Always_GetsNoReply()
    {
        await using var client = await node.EnterAsync();

        await client.SendTextAsync($"{node.NewNumber()},{node.NewNumber()}");
        await client.SendPingAsync(1);

        Assert.True((await client.ReceiveAsync()).IsPong);
    }

    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_AnotherPlace_LeavesTheLast()
    {
        await using var member = await node.MemberAsync();
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await member.Client.JoinAsync(group, channel);

        Assert.Equal(
            (0, 0, 0, 1, 1, 1),
            (await node.CountAsync(member.Group, 0, 0), await node.CountAsync(0, member.Channel, 0),
                await node.CountAsync(member.Group, member.Channel, 0), await node.CountAsync(group, 0, 0),
                await node.CountAsync(0, channel, 0), await node.CountAsync(group, channel, member.User)));
    }

    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_TheSamePlaceAgain_StaysThereOnce()
    {
        await using var member = await node.MemberAsync();

        await member.Client.JoinAsync(member.Group, member.Channel);

        Assert.Equal(1, await node.CountAsync(member.Group, member.Channel, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_OneFieldOnly_KeepsNothingOfTheOther(bool keepGroup)
    {
        await using var member = await node.MemberAsync();

        await member.Client.JoinAsync(keepGroup ? member.Group : 0, keepGroup ? 0 : member.Channel);

        Assert.Equal(
            (keepGroup ? 1 : 0, keepGroup ? 0 : 1, 0),
            (await node.CountAsync(member.Group, 0, 0), await node.CountAsync(0, member.Channel, 0),
                await node.CountAsync(member.Group, member.Channel, 0)));
    }

    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_FollowedByABroadcastInTheSameWrite_IsInForceFirst()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var there = await node.JoinAsync(group, channel);
        await using var client = await node.JoinAsync(node.NewNumber(), node.NewNumber());

        await client.SendAsync([ClientFrame.Text($"{group},{channel}"), ClientFrame.Text(":hello")]);

        Assert.Equal("hello", await there.ReceiveTextAsync());
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }

    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_BetweenTwoBroadcastsInOneWrite_PartsThem()
    {
        var (first, second, channel) = (node.NewNumber(), node.NewNumber(), node.NewNumber());
        await using var inFirst = await node.JoinAsync(first, channel);
        await using var inSecond = await node.JoinAsync(second, channel);
        await using var client = await node.EnterAsync();

        await client.SendAsync(
        [
            ClientFrame.Text($"{first},{channel}"), ClientFrame.Text(":one"), ClientFrame.Text($"{second},{channel}"), ClientFrame.Text(":two"),
            ClientFrame.Text($"{first},{channel}"), ClientFrame.Text(":three"),
        ]);

        Assert.Equal(["one"], await inFirst.ReceiveTextsUntilAsync("three"));
        Assert.Equal("two", await inSecond.ReceiveTextAsync());
    }

    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_OfNegativeNumbers_Joins()
    {
        var (group, channel) = (-node.NewNumber(), -node.NewNumber());

        await using var client = await node.JoinAsync(group, channel);

        Assert.Equal(1, await node.CountAsync(group, channel, 0));
    }

    [Theory]
    [InlineData("9001", 9001)]
    [InlineData("+9002", 9002)]
    [InlineData("-9003", -9003)]
    [InlineData("0009004", 9004)]
    [InlineData("-0009005", -9005)]
    [InlineData("00000000000000000000000000000009006", 9006)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("+9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [ProtocolRow("WebSocket: numbers")]
    public async Task Join_WithANumberAtoiTakes_JoinsIt(string field, long expected)
    {
        await using var member = await node.MemberAsync();

        await member.Client.SendTextAsync($"{field},{member.Channel}");
        await member.Client.SyncAsync();
        Assert.Equal(1, await node.CountAsync(expected, member.Channel, member.User));

        await member.Client.SendTextAsync($"{member.Group},{field}");
        await member.Client.SyncAsync();
        Assert.Equal(1, await node.CountAsync(member.Group, expected, member.User));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("+0")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("--5")]
    [InlineData("+-5")]
    [InlineData(" 5")]
    [InlineData("5 ")]
    [InlineData("5\n")]
    [InlineData("5\0")]
    [InlineData("5.0")]
    [InlineData("0x5")]
    [InlineData("0b1")]
    [InlineData("1e3")]
    [InlineData("1_000")]
    [InlineData("5a")]
    [InlineData("five")]
    [InlineData("\u0665")] // ARABIC-INDIC DIGIT FIVE
    [InlineData("\uFF15")] // FULLWIDTH DIGIT FIVE
    [InlineData("\u22125")] // MINUS SIGN
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999999999")]
    [InlineData("18446744073709551617")]
    [ProtocolRow("WebSocket: numbers")]
    public async Task Join_WithAFieldThatIsNoNumber_CountsAsZero(string field)
    {
        await using var inLobby = await node.EnterAsync();
        await using var group = await node.MemberAsync();
        await using var channel = await node.MemberAsync();

        // 0,0 is the lobby, and the only place where a member of the lobby is heard.
        await group.Client.SendTextAsync($"{field},0");
        await channel.Client.SendTextAsync($"0,{field}");
        await group.Client.SyncAsync();
        await channel.Client.SyncAsync();
        await inLobby.BroadcastAsync($"lobby {field}");

        Assert.Equal($"lobby {field}", await group.Client.ReceiveTextAsync());
        Assert.Equal($"lobby {field}", await channel.Client.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("{0},{1},3")]
    [InlineData("{0},{1},")]
    [InlineData("{0},{1},,,:x,5")]
    [ProtocolRow("WebSocket: numbers")]
    public async Task Join_WithAThirdField_IgnoresIt(string form)
    {
        await using var member = await node.MemberAsync();
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await member.Client.SendTextAsync(string.Format(null, form, group, channel));
        await member.Client.SyncAsync();

        Assert.Equal(1, await node.CountAsync(group, channel, member.User));
    }

    [Fact]
    [ProtocolRow("WebSocket: numbers")]
    public async Task Join_ByABinaryFrame_Joins()
    {
        await using var member = await node.MemberAsync();
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        await member.Client.SendBinaryAsync(System.Text.Encoding.ASCII.GetBytes($"{group},{channel}"));
        await member.Client.SyncAsync();

        Assert.Equal(1, await node.CountAsync(group, channel, member.User));
    }

    [Fact]
    [ProtocolRow("WebSocket: numbers")]
    public async Task Join_ByABinaryFrameThatIsNoText_CountsAsZero()
    {
        await using var member = await node.MemberAsync();

        await member.Client.SendBinaryAsync([0xFF, (byte)',', .. System.Text.Encoding.ASCII.GetBytes($"{member.Channel}")]);
        await member.Client.SyncAsync();

        Assert.Equal(
            (0, 1),
            (await node.CountAsync(member.Group, 0, member.User), await node.CountAsync(0, member.Channel, member.User)));
    }

    [Fact]
    [ProtocolRow("WebSocket: g,c")]
    public async Task Join_InFragments_Joins()
    {
        await using var member = await node.MemberAsync();
        var (group, channel) = (node.NewNumber(), node.NewNumber());

        var text = System.Text.Encoding.ASCII.GetBytes($"{group},{channel}");
        await member.Client.SendAsync(ClientFrame.Fragments(Opcode.Text, text, 1, 2, 3, 3, text.Length));
        await member.Client.SyncAsync();

        Assert.Equal(1, await node.CountAsync(group, channel, member.User));
    }
}
