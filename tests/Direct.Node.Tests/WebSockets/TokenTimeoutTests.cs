using System.Diagnostics;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

public sealed class TokenTimeoutNode() : TestNode("Direct:Connections:TokenTimeout=00:00:01.5");

[ProtocolRow("WebSocket: no token")]
public sealed class TokenTimeoutTests(TokenTimeoutNode node) : IClassFixture<TokenTimeoutNode>
{
    private static readonly TimeSpan TokenTimeout = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Client_WithoutAToken_IsClosed4003()
    {
        await using var client = await node.ConnectAsync();
        var watch = Stopwatch.StartNew();

        var status = await client.ReceiveCloseAsync();

        Assert.Equal(4003, status.Code);
        Assert.NotEmpty(status.Reason);
        Assert.InRange(watch.Elapsed, TokenTimeout * 0.9, TokenTimeout * 4);
    }

    [Fact]
    public async Task Client_ThatOnlyPings_IsClosed4003()
    {
        await using var client = await node.ConnectAsync();
        var watch = Stopwatch.StartNew();

        await client.SendPingAsync(1);
        var frame = await client.ReceiveAsync();
        while (frame.IsPong && watch.Elapsed < TokenTimeout * 4)
        {
            await Deadline.PaceAsync();
            await client.SendPingAsync(1);
            frame = await client.ReceiveAsync();
        }

        Assert.True(frame.IsClose, $"a close frame expected, got {frame}");
        Assert.Equal(4003, frame.Status.Code);
    }

    [Fact]
    public async Task Client_WithHalfAToken_IsClosed4003()
    {
        await using var client = await node.ConnectAsync();

        await client.SendAsync(new ClientFrame(Opcode.Text, "half"u8.ToArray()) { Fin = false });

        Assert.Equal(4003, (await client.ReceiveCloseAsync()).Code);
    }

    [Fact]
    public async Task Client_WithAToken_LivesOnPastThatTime()
    {
        await using var other = await node.ConnectAsync();
        await using var client = await node.JoinAsync(node.NewNumber(), 0);

        // The close of one that came earlier is the clock.
        Assert.Equal(4003, (await other.ReceiveCloseAsync()).Code);
        await using var later = await node.ConnectAsync();
        Assert.Equal(4003, (await later.ReceiveCloseAsync()).Code);
        await client.BroadcastAsync("still here");

        Assert.Equal("still here", await client.ReceiveTextAsync());
    }
}
