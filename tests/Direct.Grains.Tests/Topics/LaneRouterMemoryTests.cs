using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Topics;

/// <summary>Measures the memory of one user in a silo, which is an entry in the map of a partition. It runs alone, because it measures the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class LaneRouterMemoryTests(ITestOutputHelper output)
{
    private const int Users = 100_000;

    // The measured value is 174 bytes. The limit with the activation around it is 3 KB; a third of that here would need an investigation.
    private const int MaxBytesPerUser = 1024;

    [Fact]
    public void Subscribe_AHundredThousandUsers_CostsFarUnderThreeKilobytesEach()
    {
        var gateway = new FakeLink("a");
        var gateways = new FakeLiveGateways(gateway);
        var time = new ManualTimeProvider();
        var meters = new TestMeters();
        using var metrics = new GrainMetrics(meters);
        meters.Dispose(); // without a listener, because a listener keeps every measurement
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
