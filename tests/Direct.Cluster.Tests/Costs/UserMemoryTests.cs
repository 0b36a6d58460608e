using Direct.Cluster.Tests.Clusters;
using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Costs;

/// <summary>Measures the memory of one user in real silos, including directory and timers. It runs alone, because it measures the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class UserMemoryTests(ITestOutputHelper output)
{
    private const int Users = 100_000;
    private const int CallsUnderWay = 256;
    private const int MaxBytesPerUser = 3 * 1024;

    /// <summary>
    /// Subscribes many users. The first user of each partition creates its activation, with a directory entry, a timer and a map; every other user is
    /// one entry of a map.
    /// </summary>
    [Fact]
    public async Task Subscribe_AHundredThousandUsers_CostsUnderThreeKilobytesEach()
    {
        await using var cluster = await DirectTestCluster.StartAsync(gateways: 0);
        var gateway = Guid.NewGuid();
        await Deadline.UntilAsync("the silos take subscriptions", async () => await SubscribeAsync(cluster, 0, gateway), TimeSpan.FromSeconds(60));
        var before = BytesHeld(cluster);

        await SubscribeAllAsync(cluster, 1, Lane.UserPartitions - 1, gateway);
        var warm = BytesHeld(cluster);
        await SubscribeAllAsync(cluster, Lane.UserPartitions, Users - Lane.UserPartitions, gateway);
        var after = BytesHeld(cluster);

        Assert.Equal(Lane.UserPartitions, await cluster.ActivationsAsync("UserPartitionGrain"));
        var perPartition = (warm - before) / (double)(Lane.UserPartitions - 1);
        var perUser = (after - warm) / (double)(Users - Lane.UserPartitions);
        var all = (after - before) / (double)Users;
        output.WriteLine($"{perPartition:0} bytes an activation of a partition with its first user, {perUser:0} each further user, {all:0} a user in all");
        Assert.InRange(all, 1, MaxBytesPerUser);
    }

    private static long BytesHeld(DirectTestCluster cluster)
    {
        cluster.Calls.Clear();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    // A silo that has just started, or that was delayed by a full collection, answers that it is not ready. The call is then repeated, as gateways do.
    private static Task SubscribeAllAsync(DirectTestCluster cluster, int first, int count, Guid gateway) => Parallel.ForEachAsync(
        Enumerable.Range(first, count),
        new ParallelOptions { MaxDegreeOfParallelism = CallsUnderWay },
        async (user, _) => await Deadline.UntilAsync($"user {user} is subscribed", async () => await SubscribeAsync(cluster, user, gateway)));

    private static ValueTask<bool> SubscribeAsync(DirectTestCluster cluster, long user, Guid gateway)
    {
        var topic = new TopicKey(TopicScope.User, user, 0);
        return Lane.Of(topic).Grain(cluster.Grains).SubscribeAsync(topic, gateway, user + 1);
    }
}
