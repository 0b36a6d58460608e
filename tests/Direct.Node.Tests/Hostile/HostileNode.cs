using Direct.Node.Tests.Nodes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

/// <summary>Represents a node with short timeouts, so that clients that never finish a handshake are gone within a test.</summary>
public class HostileNode() : TestNode("Direct:Limits:HandshakeTimeout=00:00:02", "Direct:Connections:CloseTimeout=00:00:02", "Direct:Connections:Direct2=true")
{
    /// <summary>Asserts that a signal and a broadcast in a room of two members still work.</summary>
    public async Task AssertUnharmedAsync()
    {
        var (group, channel) = (NewNumber(), NewNumber());
        await using var first = await JoinAsync(group, channel);
        await using var second = await JoinAsync(group, channel);

        await first.BroadcastAsync("broadcast");
        Assert.Equal("broadcast", await first.ReceiveTextAsync());
        Assert.Equal("broadcast", await second.ReceiveTextAsync());
        Assert.Equal(2, (await SignalAsync(group, channel, 0, "signal")).Delivered);
        Assert.Equal("signal", await first.ReceiveTextAsync());
        Assert.Equal("signal", await second.ReceiveTextAsync());
        await first.CloseAsync();
        await second.CloseAsync();
    }

    /// <summary>Waits until the process has about as many open sockets as before.</summary>
    public Task WaitForDescriptorsAsync(int before) => Deadline.UntilAsync(
        "the descriptors come back",
        () => Process.OpenSockets <= before + 3,
        actual: () => $"{before} before, {Process.OpenSockets} now");

    /// <summary>Asserts that the memory is near its earlier size. The bounds are generous, because the collector decides when to release memory.</summary>
    public Task WaitForMemoryAsync(long beforeKilobytes, long allowedKilobytes) => Deadline.UntilAsync(
        "the memory comes back",
        async () =>
        {
            await Deadline.PaceAsync(200);
            return Process.ResidentKilobytes <= beforeKilobytes + allowedKilobytes;
        },
        actual: () => $"{beforeKilobytes} KB before, {Process.ResidentKilobytes} KB now");

    /// <summary>Reads frames to the end of the connection. Every close code for clients that violate the protocol is accepted.</summary>
    public static async Task<ServerFrame> AssertNamedRefusalOrEndAsync(ProtocolClient client, params int[] codes)
    {
        var frame = await client.ReceiveAsync();
        while (!frame.IsClose && !frame.IsEnd)
        {
            frame = await client.ReceiveAsync();
        }

        Assert.True(frame.IsEnd || codes.Contains(frame.Status.Code), $"one of {string.Join(", ", codes)} expected, got {frame}");
        return frame;
    }
}
