using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Topics;

/// <summary>Provides a router that runs in turns, with gateways a, b and c.</summary>
internal sealed class LaneRouterFixture
{
    private readonly Turns _turns = new();

    public LaneRouterFixture()
    {
        Gateways = new FakeLiveGateways(A, B, C);
        var metrics = new GrainMetrics(Meters);
        Router = new LaneRouter(Gateways, Memory, metrics, TestLogs.Create(metrics, Gateways, Time), Time);
    }

    public FakeMemoryWatch Memory { get; } = new();

    public TestMeters Meters { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public FakeLink A { get; } = new("a");

    public FakeLink B { get; } = new("b");

    public FakeLink C { get; } = new("c");

    public FakeLiveGateways Gateways { get; }

    public LaneRouter Router { get; }

    /// <summary>Starts a publish. Returns a task with its response.</summary>
    public Task<PublishAnswer> StartPublish(SignalBatch batch, Guid expectedEpoch = default) =>
        _turns.RunAsync(() => Router.PublishAsync(batch, expectedEpoch));

    public Task<PublishAnswer> StartCollect(SignalBatch batch) =>
        _turns.RunAsync(() => Router.CollectAsync(batch.Publisher, batch.Signals[0].Sequence));

    /// <summary>Publishes a batch, and waits for the response without moving the clock.</summary>
    public Task<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch = default) =>
        EndAsync(StartPublish(batch, expectedEpoch), $"the answer to publishing {batch.Signals[0].Sequence}");

    public Task<PublishAnswer> CollectAsync(SignalBatch batch) => EndAsync(StartCollect(batch), $"the answer to collecting {batch.Signals[0].Sequence}");

    public Task<bool> SubscribeAsync(TopicKey topic, FakeLink gateway, long number) =>
        _turns.RunAsync(() => Router.Subscribe(topic, gateway.Id, number));

    public KeptAnswer SubscribeKept(TopicKey topic, FakeLink gateway, long number)
    {
        gateway.Want(topic, number);
        return Router.SubscribeKept(topic, gateway.Id, number);
    }

    public Task UnsubscribeAsync(TopicKey topic, FakeLink gateway, long number) =>
        _turns.RunAsync(() => Router.Unsubscribe(topic, gateway.Id, number));

    public Task SweepAsync() => _turns.RunAsync(Router.Sweep);

    /// <summary>Publishes one signal of <paramref name="topic"/> to all gateways, so that each has reported whether it wants the topic.</summary>
    public async Task CompleteAsync(TopicKey topic)
    {
        Assert.Empty((await PublishAsync(Batches.Of(Batches.Signal(topic, 1)))).Pending);
    }

    /// <summary>Moves the clock once a timer is armed.</summary>
    public async Task AdvanceAsync(TimeSpan delta)
    {
        await Deadline.UntilAsync("a timer is armed", () => Time.ArmedTimers > 0);
        Time.Advance(delta);
    }

    public static Task<T> EndAsync<T>(Task<T> task, string phase) => Deadline.RunAsync(phase, token => new ValueTask<T>(task.WaitAsync(token)));
}
