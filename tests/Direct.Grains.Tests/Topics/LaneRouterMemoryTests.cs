using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Topics;

/// <summary>What a silo keeps of a user: an entry in the map of its partition. Runs alone, because it measures the process.</summary>
[Collection(nameof(Alone))]
public sealed class LaneRouterMemoryTests(ITestOutputHelper output)
{
    private const int Users = 100_000;

    // Measured: 174. It must stay under 3 KB with the activation around it; a third of that would be a reason to look.
    private const int MaxBytesPerUser = 1024;

    [Fact]
    public void Subscribe_AHundredThousandUsers_CostsFarUnderThreeKilobytesEach()
    {
        var gateway = new FakeLink("a");
        var gateways = new FakeLiveGateways(gateway);
        var time = new ManualTimeProvider();
        var meters = new TestMeters();
        using var metrics = new GrainMetrics(meters);
        meters.Dispose(); // nobody listens: it would keep every event
        var routers = new LaneRouter[Lane.UserPartitions];
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < routers.Length; i++)
        {
            routers[i] = new LaneRouter(gateways, new FakeMemoryWatch(), metrics, time);
        }

        for (var user = 1; user <= Users; user++)
        {
            var topic = Batches.User(user);
            routers[Lane.Of(topic).Id].Subscribe(topic, gateway.Id, user);
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Users;
        output.WriteLine($"{bytes:0} bytes a user, the routers of all partitions included");
        Assert.Equal(Users, routers.Sum(router => router.TopicCount));
        Assert.InRange(bytes, 1, MaxBytesPerUser);
    }
}
