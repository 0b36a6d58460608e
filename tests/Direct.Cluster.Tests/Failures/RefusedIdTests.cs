using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Failures;

/// <summary>
/// Tests signals whose id only some gateways refuse. Each gateway decides by its own record of ids, and the response then names the connections that
/// received the message.
/// </summary>
public sealed class RefusedIdTests
{
    private const string Taken = "1 connection on 1 gateway took it all the same";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Signal_IdOfAnotherMessageThatARestartedGatewayDoesNotKnow_SaysWhoGotIt(bool isSentThroughIt)
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        var (stays, stops) = (cluster.Gateways[0], cluster.Gateways[1]);
        await using var old = await stays.JoinAsync(5, 7);
        await stays.DeliverAsync("5,7,0", "hello", "order-1");
        await stops.StopAsync();
        var restarted = await cluster.AddGatewayAsync();
        await using var newcomer = await restarted.JoinAsync(5, 7);
        var asked = isSentThroughIt ? restarted : stays;

        var first = await asked.SignalAsync("5,7,0", "goodbye", "order-1");
        var repeat = await asked.SignalAsync("5,7,0", "goodbye", "order-1");
        await stays.DeliverAsync("5,7,0", "end");

        Assert.All([first, repeat], answer => AssertPartlyDelivered(HttpStatusCode.Conflict, answer));
        Assert.Equal(["hello"], await old.ReceiveTextsUntilAsync("end"));
        Assert.Equal(["goodbye"], await newcomer.ReceiveTextsUntilAsync("end"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Signal_OneGatewayHasNoRoomForTheId_SaysWhoGotItAndTheRepeatReachesTheRest(bool isSentThroughIt)
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 1);
        var withRoom = cluster.Gateways[0];
        var full = await cluster.AddGatewayAsync("Direct:Signals:MaxRememberedIds=1", "Direct:Signals:IdempotencyWindow=00:00:02");
        await using var one = await withRoom.JoinAsync(5, 7);
        await using var other = await full.JoinAsync(5, 7);
        var asked = isSentThroughIt ? full : withRoom;

        // Another round is needed when the machine was so slow that the gateway has already forgotten the id that fills its record.
        var id = "";
        SignalReceipt? first = null;
        for (var round = 0; first is null or { Status: HttpStatusCode.OK }; round++)
        {
            id = $"order-{round}";
            await Deadline.UntilAsync("it is full", async () => (await withRoom.SignalAsync("9,9,0", "fills it", $"fill-{round}")).Status == HttpStatusCode.OK);
            first = await asked.SignalAsync("5,7,0", id, id);
        }

        AssertPartlyDelivered(HttpStatusCode.ServiceUnavailable, first);
        SignalReceipt? last = null;
        await Deadline.UntilAsync(
            "it has room again",
            async () => (last = await asked.SignalAsync("5,7,0", id, id)).Status == HttpStatusCode.OK,
            actual: () => $"{last}");
        await withRoom.DeliverAsync("5,7,0", "end");

        Assert.Equal((2, 2), (last!.Delivered, last.Gateways));
        Assert.Equal(1, (await one.ReceiveTextsUntilAsync("end")).Count(text => text == id));
        Assert.Equal(1, (await other.ReceiveTextsUntilAsync("end")).Count(text => text == id));
    }

    private static void AssertPartlyDelivered(HttpStatusCode status, SignalReceipt answer)
    {
        Assert.Equal((status, 1, 1), (answer.Status, answer.Delivered, answer.Gateways));
        Assert.Contains(Taken, answer.Detail, StringComparison.Ordinal);
    }
}
