using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Keeping;
using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Edge.Watching;
using Direct.Keeping;
using Direct.Memory;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Subscriptions;

public sealed class IdempotencyCacheTests : IDisposable
{
    private static readonly TimeSpan RememberedFor = TimeSpan.FromMinutes(5);

    private readonly ManualTimeProvider _clock = new();
    private readonly TestMeters _meters = new();
    private readonly GatewayMetrics _metrics;
    private readonly QueueBudget _queues = FakeMemoryWatch.Plenty();
    private readonly TopicIndex _index;
    private readonly DeadlineWheel _wheel;
    private readonly KeptTopics _topics;
    private readonly RecordingRecipient _connection = new(42, 1, 2);

    public IdempotencyCacheTests()
    {
        _metrics = new GatewayMetrics(_meters);
        _index = new TopicIndex(Options.Create(new TopicOptions()), _queues, _metrics, new NodeGate());
        _index.Add(_connection);
        _wheel = new DeadlineWheel(_clock);
        _topics = new KeptTopics(
            _index, Options.Create(new KeepOptions()), Options.Create(new RightsOptions()), new KeepBudget(0, TimeSpan.Zero, new FakeMemoryWatch(), _clock), _wheel, _metrics);
    }

    public void Dispose()
    {
        _topics.Dispose();
        _wheel.Dispose();
        _queues.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void DeliverOnce_SameIdAgain_DeliversNothingAndAnswersAsTheFirst()
    {
        var memory = Create();
        Once(memory, "a", "hello");
        _index.Add(new RecordingRecipient(42));

        var delivery = Once(memory, "a", "hello");

        Assert.Equal((new Delivery(ReceiptStatus.Delivered, 1), 1), (delivery, _connection.Sends.Length));
    }

    [Fact]
    public void DeliverOnce_SameIdAgainThatReachedNobody_StillReachesNobody()
    {
        var memory = Create();
        var first = Once(memory, "a", "hello", new Target(0, 0, 43));
        var late = new RecordingRecipient(43);
        _index.Add(late);

        var second = Once(memory, "a", "hello", new Target(0, 0, 43));

        Assert.Equal((0, 0, 0), (first.Connections, second.Connections, late.Sends.Length));
    }

    [Theory]
    [InlineData("hello!", 0, 0, 42)]
    [InlineData("", 0, 0, 42)]
    [InlineData("hello", 1, 0, 42)]
    [InlineData("hello", 0, 2, 42)]
    [InlineData("hello", 0, 0, 0)]
    [InlineData("hello", 42, 0, 0)]
    public void DeliverOnce_SameIdForSomethingElse_IsRefused(string text, long group, long channel, long user)
    {
        var memory = Create();
        Once(memory, "a", "hello");

        var delivery = Once(memory, "a", text, new Target(group, channel, user));

        Assert.Equal((new Delivery(ReceiptStatus.IdReused, 0), 1), (delivery, _connection.Sends.Length));
    }

    [Theory]
    [InlineData("A")]
    [InlineData("a ")]
    [InlineData("aa")]
    public void DeliverOnce_AnotherId_IsAnotherSignal(string id)
    {
        var memory = Create();
        Once(memory, "a", "hello");

        Once(memory, id, "hello");

        Assert.Equal(2, _connection.Sends.Length);
    }

    [Fact]
    public void DeliverOnce_JustWithinTheTime_IsRemembered()
    {
        var memory = Create();
        Once(memory, "a", "hello");

        _clock.Advance(RememberedFor - TimeSpan.FromTicks(1));
        Once(memory, "a", "hello");

        Assert.Single(_connection.Sends);
    }

    [Fact]
    public void DeliverOnce_AfterTheTime_IsNewAgain()
    {
        var memory = Create();
        Once(memory, "a", "hello");

        _clock.Advance(RememberedFor);
        var delivery = Once(memory, "a", "other");

        Assert.Equal((new Delivery(ReceiptStatus.Delivered, 1), 2), (delivery, _connection.Sends.Length));
    }

    // A repeat must not extend the time an id is kept, because a backend may retry without end, and must not shorten it.
    [Fact]
    public void DeliverOnce_Repeated_CountsTheTimeFromTheFirst()
    {
        var memory = Create();
        Once(memory, "a", "hello");
        _clock.Advance(RememberedFor / 2);
        Once(memory, "a", "hello");

        _clock.Advance(RememberedFor / 2);
        Once(memory, "a", "hello");

        Assert.Equal(2, _connection.Sends.Length);
    }

    [Fact]
    public void DeliverOnce_Full_RefusesANewIdAndSendsNothing()
    {
        var memory = Create(maxIds: 2);
        Once(memory, "a", "1");
        Once(memory, "b", "2");

        var delivery = Once(memory, "c", "3");

        Assert.Equal((new Delivery(ReceiptStatus.IdsExhausted, 0), 2), (delivery, _connection.Sends.Length));
    }

    [Fact]
    public void DeliverOnce_Full_StillKnowsARepeat()
    {
        var memory = Create(maxIds: 2);
        Once(memory, "a", "1");
        Once(memory, "b", "2");

        Assert.Equal(new Delivery(ReceiptStatus.Delivered, 1), Once(memory, "a", "1"));
    }

    [Fact]
    public void DeliverOnce_FullOfClients_TakesThoseOfBackends()
    {
        var memory = Create(maxIds: 2);
        Once(memory, Client(1, "a"), "1");
        Once(memory, Client(2, "a"), "2");

        Assert.Equal(
            (ReceiptStatus.IdsExhausted, ReceiptStatus.Delivered, ReceiptStatus.Delivered, ReceiptStatus.IdsExhausted),
            (Once(memory, Client(3, "a"), "3").Status, Once(memory, "a", "4").Status, Once(memory, "b", "5").Status, Once(memory, "c", "6").Status));
    }

    [Fact]
    public void DeliverOnce_FullOfOneUser_TakesThoseOfOthersAndThenThatUserAgain()
    {
        var memory = Create(maxIdsPerUser: 2);
        Once(memory, Client(1, "a"), "1");
        Once(memory, Client(1, "b"), "2");

        Assert.Equal(
            (ReceiptStatus.IdsExhausted, ReceiptStatus.Delivered, ReceiptStatus.Delivered),
            (Once(memory, Client(1, "c"), "3").Status, Once(memory, Client(1, "a"), "1").Status, Once(memory, Client(-1, "c"), "4").Status));
        _clock.Advance(RememberedFor);
        Assert.Equal(
            (ReceiptStatus.Delivered, ReceiptStatus.Delivered, ReceiptStatus.IdsExhausted),
            (Once(memory, Client(1, "c"), "5").Status, Once(memory, Client(1, "d"), "6").Status, Once(memory, Client(1, "e"), "7").Status));
    }

    [Fact]
    public void DeliverOnce_TheSameIdOfAClientAndOfABackend_AreTwoSignals()
    {
        var memory = Create();
        Once(memory, Client(42, "a"), "hello");

        foreach (var id in new[] { "a", "42a", "say/42/a", "42/a" })
        {
            Assert.Equal(ReceiptStatus.Delivered, Once(memory, id, "other").Status);
        }

        Assert.Equal(5, _connection.Sends.Length);
        Assert.DoesNotMatch("^[!-~]+$", Client(42, "a")); // so no backend can write it
    }

    [Fact]
    public void DeliverOnce_FullAndThenTheOldestExpires_HasRoomForOne()
    {
        var memory = Create(maxIds: 2);
        Once(memory, "a", "1");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Once(memory, "b", "2");

        _clock.Advance(RememberedFor - TimeSpan.FromSeconds(1));

        Assert.Equal(
            (ReceiptStatus.Delivered, ReceiptStatus.IdsExhausted),
            (Once(memory, "c", "3").Status, Once(memory, "d", "4").Status));
    }

    [Fact]
    public async Task DeliverOnce_TheSameIdFromManyThreads_DeliversOnceAndAnswersAllAlike()
    {
        var memory = Create();
        for (var round = 0; round < 200; round++)
        {
            var deliveries = new Delivery[4];

            await Threads.RunAsync(4, thread => deliveries[thread] = Once(memory, $"id {round}", $"{round}"));

            Assert.All(deliveries, delivery => Assert.Equal(new Delivery(ReceiptStatus.Delivered, 1), delivery));
            Assert.Equal(round + 1, _connection.Sends.Length);
        }
    }

    [Fact]
    public async Task DeliverOnce_AnotherIdWhileOneIsDelivered_DoesNotWaitForIt()
    {
        using var gate = new Gate();
        _index.Add(new RecordingRecipient(43) { OnSend = gate.Pass });
        var memory = Create();
        var slow = Task.Run(() => Once(memory, "a", "slow", new Target(0, 0, 43)));
        await gate.ReachedAsync("the slow delivery");

        var other = Task.Run(() => Once(memory, "b", "hello"));
        Assert.Equal(new Delivery(ReceiptStatus.Delivered, 1), await DeliveredAsync(other));

        // Repeats and refused ids do not wait either.
        var reused = Task.Run(() => (Once(memory, "b", "hello").Status, Once(memory, "b", "other").Status, Once(memory, "a", "other", new Target(0, 0, 43)).Status));
        Assert.Equal((ReceiptStatus.Delivered, ReceiptStatus.IdReused, ReceiptStatus.IdReused), await DeliveredAsync(reused));
        Assert.False(slow.IsCompleted);
        gate.Open();
        Assert.Equal(new Delivery(ReceiptStatus.Delivered, 1), await DeliveredAsync(slow));
    }

    [Fact]
    public async Task DeliverOnce_TheSameIdWhileItIsDelivered_WaitsForTheFirstAnswer()
    {
        using var gate = new Gate();
        var slow = new RecordingRecipient(43) { OnSend = gate.Pass };
        _index.Add(slow);
        var memory = Create();
        var tries = new List<Task<Delivery>> { Task.Run(() => Once(memory, "a", "slow", new Target(0, 0, 43))) };
        await gate.ReachedAsync("the slow delivery");

        // Uses a separate thread, whose state shows that it waits.
        var second = new TaskCompletionSource<Delivery>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => second.SetResult(Once(memory, "a", "slow", new Target(0, 0, 43)))) { IsBackground = true };
        thread.Start();
        await Deadline.UntilAsync("the second try waits", () => second.Task.IsCompleted || thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        Assert.False(second.Task.IsCompleted);
        gate.Open();

        tries.Add(second.Task);
        Assert.Equal(Enumerable.Repeat(new Delivery(ReceiptStatus.Delivered, 1), 2), await DeliveredAsync(Task.WhenAll(tries)));
        Assert.Equal(1, slow.Count);
    }

    // Ids under delivery count towards the limit.
    [Fact]
    public async Task DeliverOnce_FullOfOneThatIsDelivered_RefusesANewId()
    {
        using var gate = new Gate();
        _index.Add(new RecordingRecipient(43) { OnSend = gate.Pass });
        var memory = Create(maxIds: 1);
        var slow = Task.Run(() => Once(memory, "a", "slow", new Target(0, 0, 43)));
        await gate.ReachedAsync("the slow delivery");

        Assert.Equal(ReceiptStatus.IdsExhausted, (await DeliveredAsync(Task.Run(() => Once(memory, "b", "hello")))).Status);

        gate.Open();
        await DeliveredAsync(slow);
    }

    [Fact]
    public void Deliver_ABatch_AnswersEachSignalForItself()
    {
        var fanOut = new TopicFanOut(_topics, _index, Create(), new WatchRecorder(Options.Create(new WatchOptions()), _clock));
        var (here, elsewhere) = (new Target(0, 0, 42), new Target(0, 0, 7));
        Signal[] signals = [SignalTo(here, "1", "a"), SignalTo(here, "2", null), SignalTo(here, "3", "a"), SignalTo(elsewhere, "4", null)];
        var deliveries = new Delivery[signals.Length];

        fanOut.Deliver(signals, deliveries);

        Assert.Equal(
            [new(ReceiptStatus.Delivered, 1), new(ReceiptStatus.Delivered, 1), new(ReceiptStatus.IdReused, 0), new(ReceiptStatus.Delivered, 0)],
            deliveries);
        Assert.Equal(["1", "2"], _connection.Texts);
    }

    private static Task<T> DeliveredAsync<T>(Task<T> delivering) =>
        Deadline.RunAsync("a delivery", token => new ValueTask<T>(delivering.WaitAsync(token)));

    private static string Client(long user, string id) => ClientSignalId.Of(user, Encoding.ASCII.GetBytes(id));

    private static Signal SignalTo(Target target, string text, string? id) => new(Topic.For(target), target, Encoding.UTF8.GetBytes(text), id);

    private Delivery Once(IdempotencyCache memory, string id, string text, Target? target = null) =>
        memory.DeliverOnce(SignalTo(target ?? new Target(0, 0, 42), text, id), _topics);

    private IdempotencyCache Create(int maxIds = 1_000, int maxIdsPerUser = 1_000) =>
        new(Options.Create(new IdempotencyOptions { IdempotencyWindow = RememberedFor, MaxRememberedIds = maxIds, MaxRememberedIdsPerUser = maxIdsPerUser }), _clock);
}
