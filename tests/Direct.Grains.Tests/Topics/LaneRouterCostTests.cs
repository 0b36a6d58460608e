using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

/// <summary>Measures what a batch allocates in a lane on its way to the links of two gateways.</summary>
public sealed class LaneRouterCostTests(ITestOutputHelper output)
{
    private const int Batches = 1_000;
    private const int Measurements = 5;

    // What it was before there were logs.
    private const int MaxBytes = 784;

    [Fact]
    public void Accept_UnkeptTopic_AllocatesWhatItDidWithoutLogs()
    {
        var bytes = Measure(static _ => { });

        output.WriteLine($"{bytes:0} bytes a batch of ten signals");
        Assert.InRange(bytes, 1, MaxBytes);
    }

    [Fact]
    public void Accept_UnkeptTopicOfALaneThatHasKeptOthers_AllocatesTheSame()
    {
        var bytes = Measure(static router => router.SubscribeKept(User(1), Guid.NewGuid(), 1));

        Assert.Equal(Measure(static _ => { }), bytes);
    }

    // The runtime allocates now and then on any thread, so the least of several measurements is that of the router.
    private static double Measure(Action<LaneRouter> prepare) => Enumerable.Range(0, Measurements).Min(_ => MeasureOnce(prepare));

    private static double MeasureOnce(Action<LaneRouter> prepare)
    {
        var gateways = new Gateways();
        var meters = new TestMeters();
        using var metrics = new GrainMetrics(meters);
        meters.Dispose(); // without a listener, because a listener keeps every measurement
        var time = new ManualTimeProvider();
        using var logs = TestLogs.Create(metrics, gateways, time);
        var router = new LaneRouter(gateways, new FakeMemoryWatch(), metrics, logs, time);
        prepare(router);
        var batches = Enumerable.Range(0, Batches + 1).Select(static batch => Of([.. Enumerable.Range(1, 10).Select(signal => Signal(Room, (batch * 10) + signal))])).ToArray();
        router.Accept(batches[0], Guid.Empty, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 1; i <= Batches; i++)
        {
            router.Accept(batches[i], Guid.Empty, out _);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Batches;
    }

    private sealed class Gateways : ILiveGateways
    {
        public bool IsFenced => false;

        public IReadOnlyList<IGatewayLink> Links { get; } = [new Link(), new Link()];
    }

    /// <summary>Answers everything at once, and allocates nothing.</summary>
    private sealed class Link : IGatewayLink
    {
        private static readonly GatewayAnswer[] Answers = [.. Enumerable.Repeat(new GatewayAnswer(default, 1, IsWanted: true, 1), 10)];

        public Guid Id { get; } = Guid.NewGuid();

        public string Name => "a";

        public bool IsSlow(Lane lane) => false;

        public bool Keeps => false;

        public bool IsUnresponsive(Lane lane) => false;

        public bool IsUnresponsive() => false;

        public void Send(IDelivery delivery) => delivery.Answered(Answers);

        public void Flush()
        {
        }

        public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => throw new NotSupportedException();

        public Task<RecoverAnswer?> RecoverAsync(RecoverRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TailPage> ReadKeptAsync(FetchRequest request) => throw new NotSupportedException();

        public Task<bool> KeepAsync(KeepRequest[] requests) => throw new NotSupportedException();
    }
}
