using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class TokenTests(TestNode node)
{
    [Theory]
    [InlineData("a text", Opcode.Text, "token")]
    [InlineData("an empty text", Opcode.Text, "")]
    [InlineData("a binary", Opcode.Binary, "token")]
    [InlineData("an empty binary", Opcode.Binary, "")]
    [InlineData("a join", Opcode.Text, "700,800")]
    [InlineData("a binary join", Opcode.Binary, "700,800")]
    [InlineData("a broadcast", Opcode.Text, ":hello")]
    [InlineData("not ASCII", Opcode.Text, "жетон 🔑")]
    [InlineData("SQL", Opcode.Text, "' OR 1=1; --")]
    public async Task FirstFrame_WhateverItHolds_IsTheToken(string form, byte opcode, string token)
    {
        await node.WaitUntilEmptyAsync();
        await using var bystander = await node.EnterAsync();
        await using var client = await node.ConnectAsync();

        await client.SendAsync(new ClientFrame(opcode, Encoding.UTF8.GetBytes(token)));
        await client.SyncAsync();

        // The connection has its user now, is in 0,0, and has sent nothing to the others there.
        var (everyone, joined) = (await node.SignalAsync(0, 0, 0, "everyone"), await node.SignalAsync(700, 800, 0, "joined"));
        Assert.True((everyone.Delivered, joined.Delivered) == (2, 0), $"{form}: {everyone} and {joined}");
        Assert.Equal("everyone", await client.ReceiveTextAsync());
        Assert.Equal("everyone", await bystander.ReceiveTextAsync());
    }

    [Fact]
    public async Task Signal_ToEveryone_DoesNotReachAConnectionWithoutAToken()
    {
        await node.WaitUntilEmptyAsync();
        await using var client = await node.ConnectAsync();
        await client.SyncAsync();

        var before = await node.SignalAsync(0, 0, 0, "before");
        await client.SendTextAsync("token");
        await client.SyncAsync();
        var after = await node.SignalAsync(0, 0, 0, "after");

        Assert.Equal((0, 1), (before.Delivered, after.Delivered));
        Assert.Equal("after", await client.ReceiveTextAsync());
    }
}
