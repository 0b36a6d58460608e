using Direct.Cluster.Tests.Clusters;
using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Costs;

public sealed class IdleActivationTests
{
    /// <summary>
    /// Tests that activations without members are deactivated within seconds. Signals to empty rooms and rooms that were left create them, so clients
    /// decide how many there are. A room with members keeps its activation.
    /// </summary>
    [Fact]
    public async Task Activation_NobodyWants_GoesAwayWithinSeconds()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        await using var member = await cluster.Gateways[0].JoinAsync(5, 7);
        await using var client = await cluster.Gateways[0].JoinAsync(5, 1);
        for (var room = 1; room <= 50; room++)
        {
            await client.JoinAsync(6, room);
            Assert.Equal((0, 0), await cluster.Gateways[1].DeliverAsync($"8,{room},0", "nobody"));
        }

        await client.DisposeAsync();
        await Deadline.UntilAsync(
            "the activations of empty rooms go away", async () => await cluster.ActivationsAsync("RoomGrain") == 1, TimeSpan.FromSeconds(60));

        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("5,7,0", "after"));
        Assert.Equal("after", await member.ReceiveTextAsync());
    }

    /// <summary>Tests that an idle room with members may be deactivated, and knows its members when it is activated again.</summary>
    [Fact]
    public async Task Activation_Idle_ComesBackKnowingItsMembers()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        await using var member = await cluster.Gateways[0].JoinAsync(5, 7);
        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("5,7,0", "before"));
        await Deadline.UntilAsync("idle activations go away", async () =>
        {
            await cluster.CollectAsync(TimeSpan.FromSeconds(1));
            return await cluster.ActivationsAsync("RoomGrain") == 0;
        });

        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("5,7,0", "after"));
        Assert.Equal(["before", "after"], [await member.ReceiveTextAsync(), await member.ReceiveTextAsync()]);
    }

    /// <summary>Tests that leaving and joining again within the linger changes nothing in the cluster.</summary>
    [Fact]
    public async Task Activation_LeftAndJoinedAgainOverAndOver_LosesNothing()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        await using var member = await cluster.Gateways[0].JoinAsync(5, 7);
        cluster.Calls.Clear();
        for (var i = 0; i < 20; i++)
        {
            await member.JoinAsync(5, 8);
            await member.JoinAsync(5, 7);
            Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("5,7,0", $"{i}"));
            Assert.Equal($"{i}", await member.ReceiveTextAsync());
        }

        // One subscribe for the channel and one for the room of 5,8.
        Assert.Equal(2, cluster.Calls.LaneCalls.Count(call => call.Method == nameof(ILaneGrain.SubscribeAsync)));
    }
}
