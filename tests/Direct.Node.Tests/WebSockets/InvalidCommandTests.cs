using System.Text;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[ProtocolRow("WebSocket: neither")]
[Collection(nameof(OnPlainNode))]
public sealed class InvalidCommandTests(TestNode node)
{
    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("5")]
    [InlineData(" ")]
    [InlineData("a:b")]
    [InlineData(" :text")]
    [InlineData("5;6")]
    [InlineData("{}")]
    public async Task Command_ThatIsNeither_Closes1008NamingWhatWasExpected(string command)
    {
        await using var text = await node.EnterAsync();
        await using var binary = await node.EnterAsync();

        await text.SendTextAsync(command);
        await binary.SendBinaryAsync(Encoding.UTF8.GetBytes(command));

        var (first, second) = (await text.ReceiveCloseAsync(), await binary.ReceiveCloseAsync());
        Assert.Equal(1008, first.Code);
        Assert.Contains("group,channel", first.Reason, StringComparison.Ordinal);
        Assert.Contains(":text", first.Reason, StringComparison.Ordinal);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task Command_ThatIsNeither_EndsThatClientAlone()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);
        await using var other = await node.JoinAsync(group, channel);

        await client.SendTextAsync("neither");
        await client.ReceiveCloseAsync();
        await other.BroadcastAsync("still here");

        Assert.Equal("still here", await other.ReceiveTextAsync());
        Assert.Equal(1, await node.CountAsync(group, channel, 0));
    }

    [Fact]
    public async Task Command_AfterTheOneThatIsNeither_IsNotHandled()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var other = await node.JoinAsync(group, channel);
        await using var client = await node.JoinAsync(group, channel);

        await client.SendAsync([ClientFrame.Text(":before"), ClientFrame.Text("neither"), ClientFrame.Text(":after")]);
        await client.ReceiveCloseAsync();
        await other.BroadcastAsync("end");

        Assert.Equal(["before"], await other.ReceiveTextsUntilAsync("end"));
    }
}
