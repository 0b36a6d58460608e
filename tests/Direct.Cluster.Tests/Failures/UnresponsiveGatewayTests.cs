using System.Diagnostics;
using System.Net;
using Direct.Cluster.Tests.Clusters;
using Direct.Gateway.Cluster;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Cluster.Tests.Failures;

/// <summary>Tests a gateway that renews its lease but does not process deliveries: other gateways are not delayed, and no signal is lost when it recovers.</summary>
public sealed class UnresponsiveGatewayTests(UnresponsiveGatewayTests.Fixture fixture) : IClassFixture<UnresponsiveGatewayTests.Fixture>, IAsyncLifetime
{
    private GatewayHost A => fixture.Cluster.Gateways[0];

    private GatewayHost B => fixture.Cluster.Gateways[1];

    private GatewayHost C => fixture.Cluster.Gateways[2];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        C.Sink.WakeUp();
        await AcknowledgedAsync();
    }

    [Fact]
    public async Task Signal_OneGatewayHangs_IsAnsweredInTimeNamingIt()
    {
        await using var here = await A.JoinAsync(5, 7);
        await using var there = await C.JoinAsync(5, 7);
        Assert.Equal((2, 2), await B.DeliverAsync("5,7,0", "warm"));
        Assert.Equal("warm", await here.ReceiveTextAsync());
        C.Sink.Hang();
        var watch = Stopwatch.StartNew();
        var signalling = B.SignalAsync("5,7,0", "hello");

        Assert.Equal("hello", await here.ReceiveTextAsync());
        var taken = watch.Elapsed;
        var receipt = await signalling;

        Assert.InRange(taken, TimeSpan.Zero, TimeSpan.FromSeconds(1.9)); // sooner than the receipt
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1.8), TimeSpan.MaxValue);
        Assert.Equal(HttpStatusCode.Accepted, receipt.Status);
        Assert.Equal((1, 1), (receipt.Delivered, receipt.Gateways));
        Assert.Equal(["c"], receipt.Pending);
    }

    [Fact]
    public async Task Signal_ToThoseOnOtherGateways_IsNotDelayed()
    {
        await using var room = await A.JoinAsync(5, 8);
        var (client, user) = await A.ConnectAsync();
        await using var _ = client;
        await using var hung = await C.JoinAsync(5, 9);
        string[] targets = ["5,8,0", $"0,0,{user}"];
        foreach (var target in (string[])[.. targets, "5,9,0"])
        {
            Assert.Equal((1, 1), await B.DeliverAsync(target, "warm"));
        }

        C.Sink.Hang();
        var pending = B.SignalAsync("5,9,0", "to the hung one");
        for (var i = 0; i < 50; i++)
        {
            foreach (var target in targets)
            {
                Assert.Equal((1, 1), await B.DeliverAsync(target, $"{i}")); // who waits for the hung one gets a 202
            }
        }

        Assert.Equal(HttpStatusCode.Accepted, (await pending).Status);
    }

    [Fact]
    public async Task WakeUp_AfterALongHang_EverythingComesOnceAndInOrder()
    {
        const int Signals = 40;
        await using var here = await A.JoinAsync(5, 17);
        await using var there = await C.JoinAsync(5, 17);
        Assert.Equal((2, 2), await B.DeliverAsync("5,17,0", "warm"));
        C.Sink.Hang();

        // This takes longer than the timeout of a call to a gateway, so the silo repeats batches that were delivered long before.
        var receipts = new List<SignalReceipt>();
        for (var i = 0; i < Signals; i += Signals / 2)
        {
            receipts.AddRange(await Task.WhenAll(Enumerable.Range(i, Signals / 2).Select(n => B.SignalAsync("5,17,0", $"{n}"))));
        }

        C.Sink.WakeUp();
        await AcknowledgedAsync();
        Assert.Equal((2, 2), await B.DeliverAsync("5,17,0", "end"));

        Assert.All(receipts, receipt => Assert.Equal(HttpStatusCode.Accepted, receipt.Status));
        var received = await here.ReceiveTextsUntilAsync("end");
        Assert.Equal(received, await there.ReceiveTextsUntilAsync("end"));
        Assert.Equal(Enumerable.Range(0, Signals).Select(i => $"{i}").Prepend("warm").Order(), received.Order());
    }

    /// <summary>
    /// Tests that a busy room continues for its other gateways while one gateway hangs. The batches kept for the hanging gateway must not use up the
    /// memory for the messages of the others until its lease expires.
    /// </summary>
    [Fact]
    public async Task Broadcast_BusyRoomWhileOneGatewayHangs_GoesOnForTheOthers()
    {
        const int Messages = 12_000;
        var text = new string('x', 200);
        await using var speaker = await A.JoinAsync(5, 27);
        await using var listener = await B.JoinAsync(5, 27);
        await using var hung = await C.JoinAsync(5, 27);
        Assert.Equal((3, 3), await B.DeliverAsync("5,27,0", "warm"));
        C.Sink.Hang();
        var speaking = Task.Run(
            async () =>
            {
                for (var i = 0; i < Messages; i++)
                {
                    await speaker.SendAsync(ClientText($"{i} {text}"));
                }
            },
            TestContext.Current.CancellationToken);
        var hearing = Task.Run(
            async () =>
            {
                for (var i = 0; i <= Messages; i++)
                {
                    await speaker.ReceiveTextAsync(TimeSpan.FromSeconds(8));
                }
            },
            TestContext.Current.CancellationToken);

        for (var i = 0; i <= Messages; i++)
        {
            await listener.ReceiveTextAsync(TimeSpan.FromSeconds(8));
        }

        await speaking;
        await hearing;
    }

    private Task AcknowledgedAsync() => Deadline.UntilAsync(
        "everything is acknowledged",
        () => fixture.Cluster.Gateways.All(gateway => gateway.Services.GetRequiredService<ClusterBackplane>().BusyLanes == 0));

    private static Testing.WebSockets.ClientFrame ClientText(string text) => Testing.WebSockets.ClientFrame.Text(":" + text);

    /// <summary>Provides a cluster of three gateways, of which c can hang.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private DirectTestCluster? _cluster;

        internal DirectTestCluster Cluster => _cluster!;

        public async ValueTask InitializeAsync() => _cluster = await DirectTestCluster.StartAsync();

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }
}
