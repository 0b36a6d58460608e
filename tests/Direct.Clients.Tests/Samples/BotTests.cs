using Direct.Clients.Tests.Npm;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;
using Xunit;

namespace Direct.Clients.Tests.Samples;

/// <summary>Tests the bot of <c>samples/bot</c>, started by its one command.</summary>
public sealed class BotTests
{
    [Fact]
    public async Task Bot_InTwoRooms_AnswersWhereItIsAsked()
    {
        await using var node = await StartAsync();
        await using var bot = Start(node, "7,1", "7,2");
        await bot.WaitForOutputAsync("in 7,1");
        await bot.WaitForOutputAsync("in 7,2");
        await using var first = await JoinAsync(node, 7, 1);
        await using var second = await JoinAsync(node, 7, 2);

        await first.BroadcastAsync("!ping");
        await second.BroadcastAsync("!echo !ping grüße");

        Assert.Equal(["!ping", "bot: pong"], [await first.ReceiveTextAsync(), await first.ReceiveTextAsync()]);
        Assert.Equal(["!echo !ping grüße", "bot: !ping grüße"], [await second.ReceiveTextAsync(), await second.ReceiveTextAsync()]);
    }

    [Fact]
    public async Task Bot_WhenItsGatewayWasReplaced_IsBackInItsRoom()
    {
        await using var node = await StartAsync();
        await using var bot = Start(node, "7,1");
        await bot.WaitForOutputAsync("in 7,1");

        await node.TerminateAsync();
        await bot.WaitForOutputAsync("connection lost: 4001");
        await node.WaitForExitAsync();
        await using var successor = await StartAsync($"port={node.Port}");
        await bot.WaitForOutputAsync("messages to 7,1,0 may be missing");
        await using var member = await JoinAsync(successor, 7, 1);
        await member.BroadcastAsync("!ping");

        Assert.Equal(["!ping", "bot: pong"], [await member.ReceiveTextAsync(), await member.ReceiveTextAsync()]);
    }

    private static Task<NodeProcess> StartAsync(params string[] arguments) => NodeProcess.StartAsync(["Direct:Connections:Direct2=true", .. arguments]);

    private static Command Start(NodeProcess node, params string[] rooms)
    {
        _ = NpmScript.RequireNode();
        return Command.Start(
            Path.Combine(Repository.Root, "samples", "bot", "start"), rooms, Path.GetTempPath(), new Dictionary<string, string> { ["DIRECT_URL"] = node.BaseUri.ToString() });
    }

    private static async Task<ProtocolClient> JoinAsync(NodeProcess node, long group, long channel)
    {
        var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(group, channel);
        return client;
    }
}
