using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Memory;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class SiloPublisherTests
{
    private static readonly Guid OtherSilo = Guid.NewGuid();

    private readonly ManualTimeProvider _time = new();
    private readonly FakeLink _gateway = new("a") { Connections = 2 };
    private readonly FakeMemoryWatch _memory = new();
    private readonly LocalLanes _lanes = new();
    private readonly List<SignalBatch> _passedOn = [];
    private readonly SiloPublisher _publisher;
    private Func<SignalBatch, Task<PublishAnswer>> _elsewhere = static batch => Task.FromResult(
        new PublishAnswer(PublishStatus.Accepted, Guid.NewGuid(), new SignalReceipt[batch.Signals.Length], [], false, OtherSilo));

    public SiloPublisherTests()
    {
        var grains = FakeLanes.Create(batch =>
        {
            _passedOn.Add(batch);
            return _elsewhere(batch);
        });
        _publisher = new SiloPublisher(_lanes, new FakeLiveGateways(_gateway), _memory, grains, _time);
    }

    [Fact]
    public async Task Publish_LanesOfThisSilo_AreAcceptedWithoutTheirGrains()
    {
        AddLanes(1, 2);

        var answer = await PublishAsync(Request(1, 10), Request(2, 11));

        Assert.Equal(_lanes.Silo, answer.Silo);
        Assert.All(answer.Answers, each => Assert.Equal(
            (PublishStatus.Accepted, new SignalReceipt(DeliveryStatus.Delivered, 2, 1), _lanes.Silo), (each!.Status, Assert.Single(each.Receipts), each.Silo)));
        Assert.Equal([10, 11], _gateway.Sequences);
        Assert.Empty(_passedOn);
    }

    [Fact]
    public async Task Publish_LanesElsewhere_ArePassedOn()
    {
        AddLanes(1);

        var answer = await PublishAsync(Request(2, 10), Request(1, 11), Request(3, 12));

        Assert.Equal([10L, 12L], _passedOn.Select(static batch => batch.Signals[0].Sequence));
        Assert.Equal([OtherSilo, _lanes.Silo, OtherSilo], answer.Answers.Select(static each => each!.Silo));
    }

    [Fact]
    public async Task Publish_LaneElsewhereFails_HasNoAnswerAndTheOthersHave()
    {
        AddLanes(1);
        _elsewhere = static _ => Task.FromException<PublishAnswer>(new TimeoutException("as the test says"));

        var answer = await PublishAsync(Request(1, 10), Request(2, 11));

        Assert.Equal([true, false], answer.Answers.Select(static each => each is not null));
    }

    /// <summary>Tests a hanging lane on another silo. If the call ran into the timeout of its caller, the responses of all other lanes would be lost.</summary>
    [Fact]
    public async Task Publish_LaneElsewhereHangs_OthersAreAnsweredBeforeTheCallTimesOut()
    {
        AddLanes(1);
        _elsewhere = static _ => new TaskCompletionSource<PublishAnswer>().Task;

        var publishing = _publisher.PublishAsync([Request(1, 10), Request(2, 11)]).AsTask();
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(0.9); passed += TimeSpan.FromSeconds(0.1))
        {
            await Deadline.UntilAsync("it waits, or has answered", () => _time.ArmedTimers > 0 || publishing.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }

        var answer = await LaneRouterFixture.EndAsync(publishing, "the answer");
        Assert.Equal([true, false], answer.Answers.Select(static each => each is not null));
    }

    [Fact]
    public async Task Publish_GatewayIsSlow_AnswersWithoutItsReceiptAfterAMoment()
    {
        AddLanes(1);
        _gateway.AnswersAtOnce = false;

        var publishing = _publisher.PublishAsync([Request(1, 10)]).AsTask();
        await Deadline.UntilAsync("it waits", () => _time.ArmedTimers > 0);
        Assert.False(publishing.IsCompleted);
        _time.Advance(LaneRouter.Patience);

        var answer = await LaneRouterFixture.EndAsync(publishing, "the answer");
        Assert.Equal(["a"], Assert.Single(answer.Answers)!.Pending);
    }

    [Fact]
    public async Task Publish_GatewayIsSlow_IsNotWaitedFor()
    {
        AddLanes(1);
        (_gateway.AnswersAtOnce, _gateway.IsSlow) = (false, true);

        var answer = await PublishAsync(Request(1, 10));

        Assert.Equal(["a"], Assert.Single(answer.Answers)!.Pending);
    }

    [Fact]
    public async Task Publish_LaneRefuses_SaysSo()
    {
        AddLanes(1);

        var answer = await PublishAsync(Request(1, 10) with { ExpectedEpoch = Guid.NewGuid() });

        Assert.Equal(PublishStatus.OtherEpoch, Assert.Single(answer.Answers)!.Status);
        Assert.Empty(_gateway.Sent);
    }

    /// <summary>Tests a publish to a lane whose activation has ended. It must not accept a batch, because the next activation may already have accepted one.</summary>
    [Fact]
    public async Task Publish_LaneHasEndedMeanwhile_IsOfAnotherEpoch()
    {
        AddLanes(1);
        Assert.True(_lanes.TryFind(Lane.Of(User(1)), out var router));
        router.Close();

        var answer = await PublishAsync(Request(1, 10));

        Assert.Equal(PublishStatus.OtherEpoch, Assert.Single(answer.Answers)!.Status);
        Assert.Empty(_gateway.Sent);
    }

    /// <summary>
    /// Tests a publish under memory pressure. It goes to the lane grains: a new grain that refuses its first call ends, and the next attempt may be
    /// placed on another silo.
    /// </summary>
    [Fact]
    public async Task Publish_MemoryIsShort_GoesToTheGrains()
    {
        AddLanes(1);
        _memory.Pressure = MemoryPressure.High;

        await PublishAsync(Request(1, 10));

        Assert.Single(_passedOn);
    }

    /// <summary>
    /// Tests a lane that another activation has recovered. The closed one stays in the list of this silo until it ends, up to a minute later, and would refuse every new
    /// batch meanwhile.
    /// </summary>
    [Fact]
    public async Task Publish_LaneThatWasReplaced_GoesToItsGrain()
    {
        AddLanes(1);
        _gateway.Status = DeliveryStatus.Superseded;
        await PublishAsync(Request(1, 10));

        var answer = await PublishAsync(Request(1, 11));

        Assert.Equal(PublishStatus.Accepted, Assert.Single(answer.Answers)!.Status);
        Assert.Equal(11, Assert.Single(_passedOn).Signals[0].Sequence);
    }

    private static PublishRequest Request(long user, long sequence) => new(Of(Signal(User(user), sequence)), Guid.Empty);

    private Task<PublisherAnswer> PublishAsync(params PublishRequest[] requests) =>
        LaneRouterFixture.EndAsync(_publisher.PublishAsync(requests).AsTask(), "the answer");

    private void AddLanes(params long[] users)
    {
        var (gateways, metrics) = (new FakeLiveGateways(_gateway), new GrainMetrics(new TestMeters()));
        foreach (var user in users)
        {
            _lanes.Add(Lane.Of(User(user)), new LaneRouter(gateways, _memory, metrics, TestLogs.Create(metrics, gateways, _time), _time, _lanes.Silo));
        }
    }
}
