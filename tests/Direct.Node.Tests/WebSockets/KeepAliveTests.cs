using System.Diagnostics;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

public sealed class KeepAliveNode() : TestNode("Direct:Connections:PingInterval=00:00:00.5", "Direct:Connections:ReadTimeout=00:00:02");

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
        Assert.InRange(watch.Elapsed, ReadTimeout * 0.9, TimeSpan.MaxValue);
        Assert.InRange(pings, 1, 6);
    }
}
