using System.Diagnostics;
using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

public sealed class KeepAliveNode() : TestNode("Direct:Connections:PingInterval=00:00:00.5", "Direct:Connections:ReadTimeout=00:00:02");

[ProtocolRow("WebSocket: keep-alive")]
public sealed class KeepAliveTests(KeepAliveNode node) : IClassFixture<KeepAliveNode>
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Client_ThatAnswersPings_LivesOnPastTheDeadline()
    {
        await using var client = await node.EnterAsync();
        client.AnswerPings = false;
        var watch = Stopwatch.StartNew();

        while (watch.Elapsed < ReadTimeout * 1.75)
        {
            var ping = await client.ReceiveAsync();
            Assert.True(ping.IsPing, $"a ping expected, got {ping}");
            await client.SendPongAsync(ping.Payload);
        }

        await client.SyncAsync();
    }

    [Theory]
    [InlineData(Opcode.Text)]
    [InlineData(Opcode.Ping)]
    [InlineData(Opcode.Pong)]
    public async Task Client_ThatSendsAnyFrame_IsAliveWithoutPongs(byte opcode)
    {
        await using var client = await node.JoinAsync(node.NewNumber(), 0);
        client.AnswerPings = false;
        var payload = opcode == Opcode.Text ? "1,0"u8.ToArray() : "x"u8.ToArray();
        var watch = Stopwatch.StartNew();

        while (watch.Elapsed < ReadTimeout * 1.75)
        {
            // The server's own pings are the clock here; a pong with another payload than theirs answers none of them.
            var frame = await client.ReceiveAsync();
            Assert.True(frame.IsPing || frame.IsPong, $"a ping expected, got {frame}");
            if (frame.IsPing)
            {
                await client.SendAsync(new ClientFrame(opcode, payload));
            }
        }

        await client.SendTextAsync(":end");
        while (!(await client.ReceiveAsync()).IsText)
        {
        }
    }

    [Fact]
    public async Task Client_ThatSaysNothing_IsPingedThenClosed4004()
    {
        await using var client = await node.EnterAsync();
        client.AnswerPings = false;
        var watch = Stopwatch.StartNew();

        var pings = 0;
        ServerFrame frame;
        while ((frame = await client.ReceiveAsync()).IsPing)
        {
            pings++;
        }

        Assert.Equal(4004, frame.Status.Code);
        Assert.NotEmpty(frame.Status.Reason);
        Assert.InRange(watch.Elapsed, ReadTimeout * 0.9, ReadTimeout * 3);
        Assert.InRange(pings, 2, 6);
    }

    [Fact]
    public async Task Client_ThatSaysNothing_EndsAlone()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var silent = await node.JoinAsync(group, channel);
        await using var other = await node.JoinAsync(group, channel);
        silent.AnswerPings = false;

        var ended = silent.ReceiveCloseAsync();
        while (!ended.IsCompleted)
        {
            await other.BroadcastAsync("tick");
            Assert.Equal("tick", await other.ReceiveTextAsync());
            await Deadline.PaceAsync();
        }

        Assert.Equal(4004, (await ended).Code);
        Assert.Equal(1, await node.CountAsync(group, channel, 0));
    }

    [Fact]
    public async Task Client_BeforeItsToken_IsPingedToo()
    {
        await using var client = await node.ConnectAsync();
        client.AnswerPings = false;

        Assert.True((await client.ReceiveAsync()).IsPing);
    }
}
