using System.Diagnostics;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

public sealed class SlowMemberNode() : TestNode("Direct:Connections:CloseTimeout=00:00:05");

public sealed class SlowMemberTests(SlowMemberNode node) : IClassFixture<SlowMemberNode>
{
    // Specifies more than the kernel's buffers for one connection (4 MB at most on the sending side) and its queue can hold.
    private const int EnoughSignals = 400;
    private static readonly string Large = new('x', 60_000);
    private static readonly HandshakeOptions SmallBuffer = new() { ReceiveBufferBytes = 4096 };

    [Fact]
    public async Task Member_ThatDoesNotRead_IsClosed4002AndDelaysNobody()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        await using var slow = await node.JoinAsync(group, channel, SmallBuffer);
        await using var other = await node.JoinAsync(group, channel);
        var longest = TimeSpan.Zero;

        var (sent, delivered) = (0, 2);
        for (; delivered == 2 && sent < EnoughSignals; sent++)
        {
            var watch = Stopwatch.StartNew();
            delivered = (await node.SignalAsync(group, channel, 0, Large)).Delivered!.Value;
            Assert.Equal(Large, await other.ReceiveTextAsync());
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
        }

        Assert.Equal(1, delivered);
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(4.9)); // who waits for the slow member waits for its close timeout
        Assert.Equal(4002, (await slow.ReceiveCloseAsync()).Code);
        await other.BroadcastAsync("still here");
        Assert.Equal("still here", await other.ReceiveTextAsync());
    }

    [Fact]
    public async Task Member_ThatIsClosedAsSlow_FreesItsPlaceAndItsDescriptor()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        var before = node.Process.OpenSockets;
        await using var slow = await node.JoinAsync(group, channel, SmallBuffer);
        for (var sent = 0; (await node.SignalAsync(group, channel, 0, Large)).Delivered == 1 && sent < EnoughSignals; sent++)
        {
        }

        // The member never reads its close frame, so only the close timeout can end the connection.
        await Deadline.UntilAsync(
            "the descriptor of the slow member is closed",
            () => node.Process.OpenSockets <= before + 1,
            actual: () => $"{before} before, {node.Process.OpenSockets} now");
    }
}
