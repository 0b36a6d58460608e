using System.Net;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>
/// Regression test: the wall clock jumps while a node runs, after a virtual machine resumes, with a hardware clock in local time, or by a correction.
/// Grains of new rooms could then not be activated, so every join was closed with 4006 and every signal to a new user was answered 503.
/// </summary>
public sealed class WallClockTests
{
    [Fact]
    public async Task Node_WhoseWallClockIsSet_ServesNewRoomsAndUsersAndComplainsOfNothing()
    {
        int[] offsets = [-900, -3600, 0, 3600, 0];
        using var clock = await ProcessWallClock.CreateAsync();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Environment = clock.Environment });
        await AssertServesAsync(node, room: 1);
        var printed = node.Output.Count;

        foreach (var (i, offset) in offsets.Index())
        {
            clock.Offset = TimeSpan.FromSeconds(offset);
            await node.WaitForDateAsync(clock.Offset);
            await AssertServesAsync(node, room: i + 2);
        }

        LogLines.AssertNone(node.Output.Skip(printed), IsComplaint);
    }

    [Fact]
    public async Task Node_WhoseWallClockIsSetBack_KeepsItsPingsAndTimeouts()
    {
        using var clock = await ProcessWallClock.CreateAsync();
        await using var node = await NodeProcess.StartAsync(new NodeOptions
        {
            Environment = clock.Environment,
            Arguments = ["Direct:Connections:TokenTimeout=00:00:03", "Direct:Connections:PingInterval=00:00:01"],
        });

        clock.Offset = TimeSpan.FromHours(-1);
        await node.WaitForDateAsync(clock.Offset);

        await using var silent = await ProtocolClient.ConnectAsync(node.Port);
        await using var member = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        member.AnswerPings = false;
        Assert.True((await member.ReceiveAsync()).IsPing);
        Assert.Equal(4003, (await silent.ReceiveCloseAsync()).Code);
    }

    private static bool IsComplaint(string line) =>
        LogLines.IsWarningOrError(line) || line.Contains("Exception", StringComparison.Ordinal);

    private static async Task AssertServesAsync(NodeProcess node, int room)
    {
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(room, room);
        await client.BroadcastAsync("in the room");
        Assert.Equal("in the room", await client.ReceiveTextAsync());

        var toRoom = await node.SignalAsync($"{room},{room},0", "to the room");
        var toUser = await node.SignalAsync($"0,0,{1_000_000 + room}", "to a user who is not there");

        Assert.Equal((HttpStatusCode.OK, 1), (toRoom.Status, toRoom.Delivered));
        Assert.Equal("to the room", await client.ReceiveTextAsync());
        Assert.Equal((HttpStatusCode.OK, 0), (toUser.Status, toUser.Delivered));
    }
}
