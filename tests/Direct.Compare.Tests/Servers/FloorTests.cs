using System.Text.Json;
using Direct.Compare.Loading;
using Direct.Testing.Http;
using Direct.Testing.WebSockets;

namespace Direct.Compare.Tests.Servers;

/// <summary>Tests that the floor server implements the protocol dialect, because a comparison with it would be invalid otherwise.</summary>
public sealed class FloorTests
{
    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Broadcast_InARoom_ReachesItsMembersInOrder(bool coalesces)
    {
        await using var floor = await Floor.StartAsync(coalesces);
        var port = floor.Urls[0].Port;
        await using var sender = await JoinAsync(port, 1, 2);
        await using var member = await JoinAsync(port, 1, 2);
        await using var stranger = await JoinAsync(port, 1, 3);
        string[] texts = ["one", new('x', 125), new('y', 126), new('z', 511), "", "last"];

        await sender.SendAsync(texts.Select(text => ClientFrame.Text(":" + text)));

        Assert.Equal(texts[..^1], await sender.ReceiveTextsUntilAsync("last"));
        Assert.Equal(texts[..^1], await member.ReceiveTextsUntilAsync("last"));
        await stranger.BroadcastAsync("alone");
        Assert.Equal("alone", await stranger.ReceiveTextAsync());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Join_AnotherRoom_LeavesTheLast(bool coalesces)
    {
        await using var floor = await Floor.StartAsync(coalesces);
        await using var mover = await JoinAsync(floor.Urls[0].Port, 1, 1);
        await using var member = await JoinAsync(floor.Urls[0].Port, 1, 1);

        await mover.JoinAsync(-3, 4);
        await mover.SyncAsync();
        await member.BroadcastAsync("still here");
        await mover.BroadcastAsync("over there");

        Assert.Equal("still here", await member.ReceiveTextAsync());
        Assert.Equal("over there", await mover.ReceiveTextAsync());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Broadcast_InTheLobby_ReachesWhoHasJoinedNothing(bool coalesces)
    {
        await using var floor = await Floor.StartAsync(coalesces);
        await using var first = await ProtocolClient.ConnectWithTokenAsync(floor.Urls[0].Port);
        await using var second = await ProtocolClient.ConnectWithTokenAsync(floor.Urls[0].Port);

        await first.BroadcastAsync("anyone?");

        Assert.Equal("anyone?", await second.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("1,2,0", 2)]
    [InlineData("1%2C2%2C0", 2)]
    [InlineData("1,0,0", 3)]
    [InlineData("0,0,0", 3)]
    [InlineData("0,0,2", 1)]
    [InlineData("9,9,0", 0)]
    public async Task Signal_ToATarget_IsAnsweredWithItsReceipt(string part, int delivered)
    {
        await using var floor = await Floor.StartAsync(coalesces: false);
        var port = floor.Urls[0].Port;
        await using var first = await JoinAsync(port, 1, 2);
        await using var second = await JoinAsync(port, 1, 2);
        await using var third = await JoinAsync(port, 1, 3);

        var answer = await RawHttp.RequestAsync(port, "GET", $"/!direct-signal?part={part}&message=a%20b+c");

        Assert.Equal(200, answer.Status);
        using var receipt = JsonDocument.Parse(answer.Body);
        Assert.Equal(delivered, receipt.RootElement.GetProperty("delivered").GetInt32());
        if (delivered > 0)
        {
            Assert.Equal("a b c", await second.ReceiveTextAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Member_ThatReadsNothing_IsCutOffAndDelaysNobody(bool coalesces)
    {
        await using var floor = await Floor.StartAsync(coalesces);
        using var stopped = await StoppedReader.JoinAsync(floor.Urls[0], TestContext.Current.CancellationToken);
        await using var member = await JoinAsync(floor.Urls[0].Port, 1, 1);
        var messages = Enumerable.Repeat(ClientFrame.Text(":" + new string('x', 60_000)), 20).Append(ClientFrame.Text(":last")).ToArray();

        for (var round = 0; round < 10; round++)
        {
            await member.SendAsync(messages);
            await member.ReceiveTextsUntilAsync("last");
        }

        Assert.True(await stopped.WasCutOffAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<ProtocolClient> JoinAsync(int port, long group, long channel)
    {
        var client = await ProtocolClient.ConnectWithTokenAsync(port);
        await client.JoinAsync(group, channel);
        await client.SyncAsync();
        return client;
    }
}
