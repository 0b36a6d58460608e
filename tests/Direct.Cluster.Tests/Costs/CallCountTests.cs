using Direct.Backplane.Specification;
using Direct.Cluster.Tests.Clusters;
using Direct.Cluster.Tests.Specification;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Grains.Topics;

namespace Direct.Cluster.Tests.Costs;

/// <summary>Tests that the number of grain calls for a signal does not grow with the cluster. Filters on the silos count real calls.</summary>
public sealed class CallCountTests(ClusterBackplaneSpecification.Silos silos) : IClassFixture<ClusterBackplaneSpecification.Silos>, IAsyncLifetime
{
    private const int Signals = 10;

    private static long _lastUser = 8_000_000;

    private readonly List<BackplaneHost> _hosts = [];
    private readonly long _user = Interlocked.Increment(ref _lastUser);

    private CallRecorder Calls => silos.Cluster.Calls;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await Task.WhenAll(_hosts.Select(host => host.DisposeAsync().AsTask()));

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(32)]
    public async Task Signal_UserOnOneGateway_CostsOneLaneAndThatGateway(int gateways)
    {
        var all = await StartAsync(gateways);
        await all[^1].HoldAsync(Topic.User(_user), 1);
        await SignalAsync(all[0], Topic.User(_user), 1, gateways: 1);
        Calls.Clear();

        await SignalAsync(all[0], Topic.User(_user), Signals, gateways: 1);

        AssertPublished(Signals);
        Assert.Single(Calls.Deliveries.Select(call => call.Grain).Distinct());
        Assert.Equal(Signals, Calls.Deliveries.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(32)]
    public async Task Signal_UserOnTwoGateways_CostsOneLaneAndThoseTwo(int gateways)
    {
        var all = await StartAsync(gateways);
        await all[0].HoldAsync(Topic.User(_user), 1);
        await all[^1].HoldAsync(Topic.User(_user), 1);
        await SignalAsync(all[0], Topic.User(_user), 1, gateways: 2);
        Calls.Clear();

        await SignalAsync(all[0], Topic.User(_user), Signals, gateways: 2);

        AssertPublished(Signals);
        Assert.Equal(2, Calls.Deliveries.Select(call => call.Grain).Distinct().Count());
        Assert.Equal(2 * Signals, Calls.Deliveries.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(32)]
    public async Task Signal_OfflineUser_CostsEachGatewayOneCallTheFirstTimeAndNoneAfterwards(int gateways)
    {
        var all = await StartAsync(gateways);
        Calls.Clear();
        await SignalAsync(all[0], Topic.User(_user), 1, gateways: 0);
        Assert.Equal(gateways, Calls.Deliveries.Count);
        Calls.Clear();

        await SignalAsync(all[0], Topic.User(_user), Signals, gateways: 0);

        AssertPublished(Signals);
        Assert.Empty(Calls.Deliveries);
    }

    /// <summary>Tests that knowledge about one user of a lane does not change the number of calls for another user of the same lane.</summary>
    [Fact]
    public async Task Signal_UsersOfOneLane_EachHasItsOwnCost()
    {
        var all = await StartAsync(8);
        var other = _user + Lane.UserPartitions;
        await all[1].HoldAsync(Topic.User(_user), 1);
        await all[2].HoldAsync(Topic.User(other), 1);
        await SignalAsync(all[0], Topic.User(_user), 1, gateways: 1);
        await SignalAsync(all[0], Topic.User(other), 1, gateways: 1);
        Calls.Clear();

        await SignalAsync(all[0], Topic.User(_user), Signals, gateways: 1);
        await SignalAsync(all[0], Topic.User(other), Signals, gateways: 1);

        AssertPublished(2 * Signals);
        Assert.Equal(2 * Signals, Calls.Deliveries.Count);
    }

    [Fact]
    public async Task Publish_ManyAtOnce_TravelTogether()
    {
        var all = await StartAsync(2);
        await all[1].HoldAsync(Topic.User(_user), 1);
        await SignalAsync(all[0], Topic.User(_user), 1, gateways: 1);
        Calls.Clear();

        var placements = Enumerable.Range(0, 2000)
            .Select(i => all[0].Backplane.Publish(new Signal(Topic.User(_user), new Target(0, 0, _user), "hello"u8.ToArray())))
            .ToList();
        foreach (var placement in placements)
        {
            await BackplaneGateway.ReceiptAsync(placement, "one of 2,000");
        }

        Assert.InRange(Calls.PublisherCalls.Count, 1, 200);
        Assert.InRange(Calls.LaneCalls.Count, 0, 200);
        Assert.InRange(Calls.Deliveries.Count, 1, 200);
    }

    // Expects one publisher call for each signal, and at most one call to the lane grain while the publisher does not know which silo hosts the lane.
    private void AssertPublished(int signals)
    {
        Assert.Equal(signals, Calls.PublisherCalls.Count);
        Assert.InRange(Calls.LaneCalls.Count, 0, signals);
        Assert.InRange(Calls.LaneCalls.Select(call => call.Grain).Distinct().Count(), 0, 1);
    }

    private async Task<IReadOnlyList<BackplaneGateway>> StartAsync(int gateways)
    {
        _hosts.AddRange(await Task.WhenAll(Enumerable.Range(1, gateways).Select(number => BackplaneHost.StartAsync($"g{number}", silos.Cluster.Client))));
        return [.. _hosts.Select(host => host.Gateway)];
    }

    private static async Task SignalAsync(BackplaneGateway from, Topic topic, int count, int gateways)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(new Receipt(ReceiptStatus.Delivered, gateways, gateways), await from.PublishAsync(topic, new Target(0, 0, topic.Id), $"{i}"));
        }
    }
}
