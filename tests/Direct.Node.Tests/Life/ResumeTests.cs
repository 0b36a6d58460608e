using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>Tests a client of <c>direct.2</c> that comes back to a node of one process.</summary>
public sealed class ResumeTests
{
    private const string Direct2 = "Direct:Connections:Direct2=true";

    [Theory]
    [InlineData("cluster=localhost")]
    [InlineData("cluster=none")]
    public async Task Client_ThatComesBack_GetsWhatItMissedAndAfterARestartAGap(string cluster)
    {
        await using var node = await NodeProcess.StartAsync(cluster, Direct2);
        var told = await StayAsync(node, "auth token\njoin 7,1", "seen");

        await node.SignalAsync("7,1,0", "missed in the room");
        await node.SignalAsync("7,0,0", "missed in the group");
        told.AddRange(await StayAsync(node, Direct2Texts.Resume(told, "7,1"), "live"));

        Assert.Equal(["live", "missed in the group", "missed in the room", "seen"], Direct2Texts.Payloads(told).Order(StringComparer.Ordinal));
        Assert.Empty(Direct2Texts.Gaps(told));

        node.Kill();
        await node.WaitForExitAsync();
        await using var successor = await NodeProcess.StartAsync(cluster, Direct2, $"port={node.Port}");
        await successor.SignalAsync("7,1,0", "before it is back");
        var after = await StayAsync(successor, Direct2Texts.Resume(told, "7,1"), "after the restart");

        Assert.Superset(new HashSet<string> { "0,0,0", "0,1,0", "7,0,0", "7,1,0" }, Direct2Texts.Gaps(after).ToHashSet());
        Assert.Equal(["after the restart"], Direct2Texts.Payloads(after));
    }

    // What is kept has an age, which must not depend on the wall clock: a message would be kept for ever, or be gone at once.
    [Theory]
    [InlineData("cluster=localhost")]
    [InlineData("cluster=none")]
    public async Task Client_ThatComesBackAfterTheWallClockWasSet_GetsWhatItMissed(string cluster)
    {
        using var clock = await ProcessWallClock.CreateAsync();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Environment = clock.Environment, Arguments = [cluster, Direct2] });
        var told = await StayAsync(node, "auth token\njoin 7,1", "seen");
        foreach (var hours in (int[])[-1, 0, 1, 0])
        {
            await node.SignalAsync("7,1,0", $"before {hours}");
            clock.Offset = TimeSpan.FromHours(hours);
            await node.WaitForDateAsync(clock.Offset);
            await node.SignalAsync("7,1,0", $"after {hours}");

            var received = await StayAsync(node, Direct2Texts.Resume(told, "7,1"), "live");

            Assert.Equal([$"before {hours}", $"after {hours}", "live"], Direct2Texts.Payloads(received));
            Assert.Empty(Direct2Texts.Gaps(received));
            told.AddRange(received);
        }
    }

    // Connects until the client has joined its room and has received what is said to it there. Returns what it was told.
    private static async Task<List<string>> StayAsync(NodeProcess node, string first, string last)
    {
        await using var client = await ProtocolClient.ConnectAsync(node.Port, HandshakeOptions.Direct2);
        await client.SendTextAsync(first);
        var told = await client.ReceiveUntilAsync(Direct2Texts.IsLastOfFirst);
        await node.SignalAsync("7,1,0", last);
        told.AddRange(await client.ReceiveUntilAsync(text => text.EndsWith($"\n{last}", StringComparison.Ordinal)));
        return told;
    }
}
