using System.Globalization;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Hostile;

/// <summary>
/// Regression test: connections that joined random rooms as fast as possible filled the memory of the silo within seconds, and the process was
/// killed. With a budget the silo refuses unknown rooms, known rooms continue, and afterwards everything is as before.
/// </summary>
public sealed class RandomJoinTests
{
    private const int Attackers = 20;
    private const int JoinsAtOnce = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task RandomJoins_MoreThanThereIsMemoryFor_AreRefusedAndExistingRoomsGoOn()
    {
        await using var node = await NodeProcess.StartAsync(
            "cluster=localhost",
            "Direct:Memory:BudgetBytes=90000000",
            "Direct:Connections:SubscribeTimeout=00:00:01",
            "Direct:Connections:SubscriptionLinger=00:00:01");
        await using var first = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await using var second = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await first.JoinAsync(1, 2);
        await second.JoinAsync(1, 2);

        using var stop = new CancellationTokenSource();
        var attacks = Enumerable.Range(0, Attackers).Select(_ => AttackAsync(node.Port, stop.Token)).ToArray();
        var said = 0;
        await Deadline.UntilAsync(
            "the budget is used up and joins are refused",
            async () =>
            {
                await TalkAsync(first, second, $"{said++}");
                return await ReadAsync(node, "direct_silo_memory_pressure") == 1 && await ReadAsync(node, "direct_silo_subscriptions_refused_total") > 0;
            },
            Patience);

        Assert.Equal(4006, (await EnterAndJoinAsync(node.Port))?.Code);
        await TalkAsync(first, second, "under pressure");
        Assert.Equal(2, (await node.SignalAsync("1,2,0", "signal")).Delivered);
        Assert.Equal(("signal", "signal"), (await first.ReceiveTextAsync(), await second.ReceiveTextAsync()));

        await stop.CancelAsync();
        await Task.WhenAll(attacks);
        await Deadline.UntilAsync("there is room again", async () => await ReadAsync(node, "direct_silo_memory_pressure") == 0, Patience);
        await Deadline.UntilAsync("a stranger can join again", async () => await EnterAndJoinAsync(node.Port) is null, Patience);
        await Deadline.UntilAsync("only the rooms of before are left", async () => await ReadAsync(node, "direct_silo_topics") < 1_000, Patience);
        await TalkAsync(first, second, "afterwards");
        Assert.InRange(node.Output.Count(line => line.Contains("rooms and users that this silo does not know are refused", StringComparison.Ordinal)), 1, 20);
    }

    private static async Task TalkAsync(ProtocolClient speaker, ProtocolClient listener, string text)
    {
        await speaker.BroadcastAsync(text);
        Assert.Equal(text, await speaker.ReceiveTextAsync());
        Assert.Equal(text, await listener.ReceiveTextAsync());
    }

    // Returns null when the connection was admitted.
    private static async Task<CloseStatus?> EnterAndJoinAsync(int port)
    {
        await using var client = await ProtocolClient.ConnectAsync(port);
        await client.SendTextAsync("token");
        await client.SendTextAsync($"{Random.Shared.NextInt64(1, long.MaxValue)},{Random.Shared.NextInt64(1, long.MaxValue)}");
        await client.SendPingAsync(1);
        var frame = await client.ReceiveAsync();
        return frame.IsPong ? null : frame.Status;
    }

    private static async Task AttackAsync(int port, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var client = await ProtocolClient.ConnectAsync(port);
                await client.SendTextAsync("token");
                for (var i = 0; i < 50 && !cancellationToken.IsCancellationRequested; i++)
                {
                    await client.SendAsync(Enumerable.Range(0, JoinsAtOnce).Select(_ => ClientFrame.Text(
                        FormattableString.Invariant($"{Random.Shared.NextInt64(1, long.MaxValue)},{Random.Shared.NextInt64(1, long.MaxValue)}"))));
                    await client.SyncAsync(Patience);
                }
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The connection was refused; the loop tries again.
            }
        }
    }

    private static async Task<double> ReadAsync(NodeProcess node, string metric)
    {
        var page = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = page.Split('\n').First(line => line.StartsWith(metric, StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
