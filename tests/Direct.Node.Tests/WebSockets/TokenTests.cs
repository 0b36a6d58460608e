using System.Text;
using Direct.Node.Tests.Coverage;
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
    [ProtocolRow("WebSocket: first frame")]
    public async Task FirstFrame_WhateverItHolds_IsTheToken(string form, byte opcode, string token)
    {
        await node.WaitUntilEmptyAsync();
        await using var bystander = await node.EnterAsync();
        await using var client = await node.ConnectAsync();

        await client.SendAsync(new ClientFrame(opcode, Encoding.UTF8.GetBytes(token)));
        await client.SyncAsync();

        // It is somebody now, in 0,0, and said nothing to the others there.
        var (everyone, joined) = (await node.SignalAsync(0, 0, 0, "everyone"), await node.SignalAsync(700, 800, 0, "joined"));
        Assert.True((everyone.Delivered, joined.Delivered) == (2, 0), $"{form}: {everyone} and {joined}");
        Assert.Equal("everyone", await client.ReceiveTextAsync());
        Assert.Equal("everyone", await bystander.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("token", new[] { 2 })]
    [InlineData("1,2", new[] { 1, 2 })]
    [InlineData(":x", new[] { 0, 1 })]
    [InlineData("", new[] { 0 })]
    [ProtocolRow("WebSocket: first frame")]
    public async Task FirstFrame_Fragmented_IsTheToken(string token, int[] cuts)
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.ConnectAsync();

        await client.SendAsync(ClientFrame.Fragments(Opcode.Text, Encoding.UTF8.GetBytes(token), cuts));
        await client.JoinAsync(group, channel);

        Assert.Equal(1, await node.CountAsync(group, channel, 0));
    }

    [Fact]
    [ProtocolRow("WebSocket: first frame")]
    public async Task FirstFrame_FragmentedWithAPingBetween_IsTheTokenAndThePingIsAnswered()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var client = await node.ConnectAsync();

        await client.SendAsync(new ClientFrame(Opcode.Text, "1,"u8.ToArray()) { Fin = false });
        await client.SyncAsync();
        await client.SendAsync(new ClientFrame(Opcode.Continuation, "2"u8.ToArray()));
        await client.JoinAsync(group, channel);

        Assert.Equal(1, await node.CountAsync(group, channel, 0));
    }

    [Fact]
    [ProtocolRow("WebSocket: before the token")]
    public async Task Ping_BeforeTheToken_IsAnsweredWithItsPayload()
    {
        await using var client = await node.ConnectAsync();

        await client.SendPingAsync([.. Enumerable.Range(0, 125).Select(value => (byte)value)]);

        var pong = await client.ReceiveAsync();
        Assert.True(pong.IsPong);
        Assert.Equal(Enumerable.Range(0, 125).Select(value => (byte)value), pong.Payload);
    }

    [Fact]
    [ProtocolRow("WebSocket: before the token")]
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

    [Fact]
    [ProtocolRow("WebSocket: before the token")]
    public async Task Broadcast_InTheLobby_DoesNotReachAConnectionWithoutAToken()
    {
        await using var sender = await node.EnterAsync();
        await using var client = await node.ConnectAsync();
        await client.SyncAsync();

        await sender.BroadcastAsync("before");
        Assert.Equal("before", await sender.ReceiveTextAsync());
        await client.SendTextAsync("token");
        await client.SyncAsync();
        await sender.BroadcastAsync("after");

        Assert.Equal("after", await client.ReceiveTextAsync());
    }
}
