using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Presence;

/// <summary>Tests the close command of backends on a real node.</summary>
[Collection(nameof(OnPlainNode))]
public sealed class CloseTests(TestNode node)
{
    [Theory]
    [InlineData("GET", "", 4500, "")]
    [InlineData("POST", "", 4500, "")]
    [InlineData("GET", "&code=4000&reason=reload", 4000, "reload")]
    [InlineData("POST", "&code=4999&reason=gr%C3%BC%C3%9Fe+you", 4999, "grüße you")]
    public async Task Close_ARoom_ClosesItsMembersAloneWithCodeAndReason(string method, string parameters, int code, string reason)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var first = await node.JoinAsync(group, channel);
        await using var second = await node.JoinAsync(group, channel);
        await using var other = await node.JoinAsync(group, node.NewNumber());
        await Task.WhenAll(first.SyncAsync(), second.SyncAsync(), other.SyncAsync());
        var target = $"/!direct-close?part={group},{channel},0{parameters}";

        var answer = method == "GET" ? await RawHttp.RequestAsync(node.Port, method, target) : await RawHttp.RequestWithBodyAsync(node.Port, method, target, []);

        Assert.Equal((200, """{"closed":2,"gateways":1}"""), (answer.Status, answer.Text));
        Assert.Equal(new CloseStatus(code, reason), await first.ReceiveCloseAsync());
        Assert.Equal(new CloseStatus(code, reason), await second.ReceiveCloseAsync());
        await other.SyncAsync();
        Assert.Equal(1, await node.CountAsync(group, 0, 0));
    }

    [Fact]
    public async Task Explain_ARoom_NamesItAndItsNumbersAndSendsNothing()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.JoinAsync(group, channel);
        await client.SyncAsync();

        var get = await RawHttp.RequestAsync(node.Port, "GET", $"/!direct-signal?part={group},{channel},0&message=hello&explain=1");
        var post = await RawHttp.RequestWithBodyAsync(node.Port, "POST", $"/!direct-signal?part={group},{channel},0&explain=1", "hello"u8.ToArray());

        var name = $"{Environment.MachineName}:{node.Port}";
        Assert.Equal(
            $$"""{"topic":"room/{{group}}/{{channel}}","connections":1,"gateways":[{"name":"{{name}}","connections":1}],"missing":[]}""", get.Text);
        Assert.Equal((200, get.Text), (post.Status, post.Text));
        await client.BroadcastAsync("end");
        Assert.Empty(await client.ReceiveTextsUntilAsync("end"));
    }
}
