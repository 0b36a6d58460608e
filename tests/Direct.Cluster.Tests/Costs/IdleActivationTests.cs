using Direct.Cluster.Tests.Clusters;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Costs;

public sealed class IdleActivationTests
{
    /// <summary>Signals to rooms that nobody is in leave activations behind, which must not stay; those that somebody is in may go too.</summary>
    [Fact]
    public async Task Activation_Idle_GoesAwayAndComesBackKnowingItsMembers()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 2);
        await using var member = await cluster.Gateways[0].JoinAsync(5, 7);
        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("5,7,0", "before"));
        for (var room = 1; room <= 100; room++)
        {
            Assert.Equal((0, 0), await cluster.Gateways[1].DeliverAsync($"6,{room},0", "nobody"));
        }

        Assert.InRange(await cluster.ActivationsAsync("RoomGrain"), 101, 101);

        await Deadline.UntilAsync("idle activations go away", async () =>
        {
            await cluster.CollectAsync(TimeSpan.FromSeconds(1));
            return await cluster.ActivationsAsync("RoomGrain") == 0;
        });

        Assert.Equal((1, 1), await cluster.Gateways[1].DeliverAsync("5,7,0", "after"));
        Assert.Equal(["before", "after"], [await member.ReceiveTextAsync(), await member.ReceiveTextAsync()]);
    }
}
