using System.Net;
using Direct.Cluster.Tests.Clusters;

namespace Direct.Cluster.Tests.Failures;

/// <summary>Tests that a gateway that is stopped leaves the cluster at once.</summary>
public sealed class GatewayStopTests(GatewayStopTests.Fixture fixture) : IClassFixture<GatewayStopTests.Fixture>
{
    private const int Draining = 4001;

    private DirectTestCluster Cluster => fixture.Cluster;

    private GatewayHost A => Cluster.Gateways[0];

    private GatewayHost B => Cluster.Gateways[1];

    [Fact]
    public async Task Stop_UnderLoad_ItsMembersAreToldAndNobodyWaitsForIt()
    {
        var c = await Cluster.AddGatewayAsync();
        await using var stays = await A.JoinAsync(5, 0);
        await using var goes = await c.JoinAsync(5, 0);
        var answers = new List<HttpStatusCode>();
        using var stop = new CancellationTokenSource();
        var sending = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    answers.Add((await B.SignalAsync("5,0,0", $"{answers.Count}")).Status);
                }
            },
            TestContext.Current.CancellationToken);

        await c.StopAsync();
        var closed = await goes.ReceiveCloseFrameAsync();
        var before = answers.Count;
        await Testing.Time.Deadline.UntilAsync("more signals are answered", () => answers.Count > before + 20);
        await stop.CancelAsync();
        await sending;

        Assert.Equal(Draining, closed.Code);
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer)); // who waits for a gateway gets a 202
        Assert.Equal((1, 1), await B.DeliverAsync("5,0,0", "end"));
        Assert.Equal(Enumerable.Range(0, answers.Count).Select(i => $"{i}"), await stays.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Stop_ItsClientsHaveJustSaidSomething_IsDelivered()
    {
        var c = await Cluster.AddGatewayAsync();
        await using var member = await A.JoinAsync(5, 7);
        await using var speaker = await c.JoinAsync(5, 7);
        for (var i = 0; i < 200; i++)
        {
            await speaker.BroadcastAsync($"{i}");
        }

        await speaker.SyncAsync();
        await c.StopAsync();
        await B.DeliverAsync("5,7,0", "end");

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), await member.ReceiveTextsUntilAsync("end"));
    }

    [Fact]
    public async Task Stop_AndAnotherComes_TakesOverWhoeverReconnects()
    {
        var c = await Cluster.AddGatewayAsync();
        await using var before = await c.JoinAsync(5, 9);
        Assert.Equal((1, 1), await A.DeliverAsync("5,9,0", "before"));
        await c.StopAsync();
        var d = await Cluster.AddGatewayAsync();

        await using var after = await d.JoinAsync(5, 9);

        Assert.Equal((1, 1), await A.DeliverAsync("5,9,0", "after"));
        Assert.Equal("after", await after.ReceiveTextAsync());
    }

    /// <summary>Provides two gateways that keep running; each test adds the gateways that it stops.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private DirectTestCluster? _cluster;

        internal DirectTestCluster Cluster => _cluster!;

        public async ValueTask InitializeAsync() => _cluster = await DirectTestCluster.StartAsync(gateways: 2);

        public async ValueTask DisposeAsync()
        {
            if (_cluster is not null)
            {
                await _cluster.DisposeAsync();
            }
        }
    }
}
