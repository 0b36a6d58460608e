using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Topics;

/// <summary>Measures the memory of one user in a silo, which is an entry in the map of a partition. It runs alone, because it measures the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class LaneRouterMemoryTests : IDisposable
{
    private const int Users = 100_000;

    // The measured value is 174 bytes. The limit with the activation around it is 3 KB; a third of that here would need an investigation.
    private const int MaxBytesPerUser = 1024;

    // The measured value is 394 bytes.
    private const int MaxBytesPerRecord = 500;

    private readonly ITestOutputHelper _output;
    private readonly FakeLink _gateway = new("a");
    private readonly FakeLiveGateways _gateways;
    private readonly ManualTimeProvider _time = new();
    private readonly GrainMetrics _metrics;
    private readonly LaneLogs _logs;
    private readonly LaneRouter[] _routers = new LaneRouter[Lane.UserPartitions];

    public LaneRouterMemoryTests(ITestOutputHelper output)
    {
        _output = output;
        _gateways = new FakeLiveGateways(_gateway);
        using var meters = new TestMeters(); // without a listener afterwards, because a listener keeps every measurement
        _metrics = new GrainMetrics(meters);
        _logs = TestLogs.Create(_metrics, _gateways, _time);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void Subscribe_AHundredThousandUsers_CostsFarUnderThreeKilobytesEach()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        CreateRouters();
        for (var user = 1; user <= Users; user++)
        {
            var topic = Batches.User(user);
            _routers[Lane.Of(topic).Id].Subscribe(topic, _gateway.Id, user);
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Users;
        _output.WriteLine($"{bytes:0} bytes a user, the routers of all partitions included");
        Assert.Equal(Users, _routers.Sum(router => router.TopicCount));
        Assert.InRange(bytes, 1, MaxBytesPerUser);
    }

    /// <summary>Measures what the record of a kept topic takes in addition, without messages.</summary>
    [Fact]
    public void SubscribeKept_AHundredThousandUsers_CostsLittleMoreEach()
    {
        CreateRouters();
        for (var user = 1; user <= Users; user++)
        {
            _routers[Lane.Of(Batches.User(user)).Id].Subscribe(Batches.User(user), _gateway.Id, user);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var user = 1; user <= Users; user++)
        {
            _routers[Lane.Of(Batches.User(user)).Id].SubscribeKept(Batches.User(user), _gateway.Id, user);
        }

        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Users;
        _output.WriteLine($"{bytes:0} bytes a kept topic, in addition");
        Assert.All(_routers, router => Assert.True(router.HasRecords));
        Assert.InRange(bytes, 1, MaxBytesPerRecord);
    }

    private void CreateRouters()
    {
        for (var i = 0; i < _routers.Length; i++)
        {
            _routers[i] = new LaneRouter(_gateways, new FakeMemoryWatch(), _metrics, _logs, _time);
        }
    }
}
