using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.Life;

/// <summary>
/// Regression test: the monotonic clock stands still while a machine is suspended, so after an hour the gateway still considered its lease valid,
/// although the cluster had removed it. Its connections stayed open and missed signals.
/// </summary>
public sealed class SuspendTests
{
    [Theory]
    [InlineData("kestrel")]
    [InlineData("direct")]
    public async Task Node_OnAMachineThatWasSuspended_ClosesItsConnectionsAndStartsOver(string transport)
    {
        using var clock = await ProcessWallClock.CreateAsync();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Environment = clock.Environment, Arguments = [$"transport={transport}"] });
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(5, 7);

        clock.Suspended = TimeSpan.FromHours(1);

        Assert.Equal(4008, (await client.ReceiveCloseAsync()).Code);
        await Deadline.UntilAsync("the node is ready again", async () =>
        {
            using var answer = await node.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        });
        await using var back = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await back.JoinAsync(5, 7);
        Assert.Equal(1, (await node.SignalAsync("5,7,0", "hello")).Delivered);
        Assert.Equal("hello", await back.ReceiveTextAsync());
    }

    [Fact]
    public async Task Node_OnAMachineThatWasSuspendedForLessThanItsLease_GoesOn()
    {
        using var clock = await ProcessWallClock.CreateAsync();
        await using var node = await NodeProcess.StartAsync(new NodeOptions { Environment = clock.Environment });
        await using var client = await ProtocolClient.ConnectWithTokenAsync(node.Port);
        await client.JoinAsync(5, 7);

        clock.Suspended = TimeSpan.FromSeconds(5);

        await client.SyncAsync();
        Assert.Equal(1, (await node.SignalAsync("5,7,0", "hello")).Delivered);
        Assert.Equal("hello", await client.ReceiveTextAsync());
    }
}
