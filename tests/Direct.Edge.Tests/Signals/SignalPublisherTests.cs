using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Signals;
using Direct.Edge.Subscriptions;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Memory;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Signals;

public sealed class SignalPublisherTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly FaultyBackplane _backplane = new();
    private readonly SignalOptions _options = new();
    private readonly FakeMemoryWatch _memory = new();
    private readonly QueueBudget _queues;

    public SignalPublisherTests() => _queues = new QueueBudget(1000, _memory);

    public void Dispose() => _queues.Dispose();

    [Fact]
    public async Task PublishAsync_QueuesOverTheReserve_Is503ThatNamesMemoryAndPublishesNothing()
    {
        _backplane.OnPublish = _ => throw new InvalidOperationException("published");
        _queues.Lanes.Add(1125);

        var outcome = await Publish();

        Assert.Equal((503, 1), (outcome.Status, outcome.Problem!.RetryAfterSeconds));
        Assert.Contains("Direct:Memory:QueueBytes", outcome.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("Nothing was sent", outcome.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal(1, _queues.RefusedSignals);
    }

    [Fact]
    public async Task PublishAsync_ProcessOutOfMemory_Is503ThatNamesMemory()
    {
        _backplane.OnPublish = _ => throw new InvalidOperationException("published");
        _memory.Pressure = MemoryPressure.Exhausted;

        var outcome = await Publish();

        Assert.Equal(503, outcome.Status);
        Assert.Contains("The memory of this gateway is short", outcome.Problem!.Detail, StringComparison.Ordinal);
    }

    // The signal waits for space in its topic, and meanwhile the memory runs short.
    [Fact]
    public async Task PublishAsync_MemoryGetsShortWhileItWaits_Is503()
    {
        var room = new TaskCompletionSource();
        _backplane.OnReady = _ => new ValueTask(room.Task);
        _backplane.OnPublish = _ => throw new InvalidOperationException("published");
        var publishing = Publish();
        _queues.Lanes.Add(1125);

        room.SetResult();

        Assert.Equal(503, (await publishing).Status);
    }

    [Theory]
    [InlineData(ReceiptStatus.IdReused, 409, "No live gateway has sent it to anybody.")]
    [InlineData(ReceiptStatus.IdsExhausted, 503, "No live gateway has sent it to anybody.")]
    [InlineData(ReceiptStatus.NotAccepted, 503, "Nothing is promised")]
    public async Task PublishAsync_NotDelivered_IsAProblemThatSaysWhatHolds(ReceiptStatus status, int expected, string promise)
    {
        _backplane.OnPublish = _ => new PublishResult(new Receipt(status, 0, 0));

        var outcome = await Publish();

        Assert.Equal(expected, outcome.Status);
        Assert.Contains(promise, outcome.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void ReceiptStatus_EveryOneThatIsNotDelivered_IsAProblem()
    {
        Assert.All(Enum.GetValues<ReceiptStatus>().Except([ReceiptStatus.Delivered]), status =>
        {
            _backplane.OnPublish = _ => new PublishResult(new Receipt(status, 0, 0));

            Assert.InRange(Publish().Result.Status, 400, 599);
        });
    }

    /// <summary>Tests ids that only some gateways refuse. Each gateway decides alone: a restarted one does not know the id, and one may be full.</summary>
    [Theory]
    [InlineData(ReceiptStatus.IdReused, 409, null)]
    [InlineData(ReceiptStatus.IdsExhausted, 503, 1)]
    public async Task PublishAsync_SomeGatewaysTookItAndOthersRefused_SaysHowManyConnectionsHaveIt(ReceiptStatus status, int expected, int? retryAfter)
    {
        _backplane.OnPublish = _ => new PublishResult(new Receipt(status, 3, 1));

        var outcome = await Publish();

        Assert.Equal((expected, retryAfter, 3, 1), (outcome.Status, outcome.Problem!.RetryAfterSeconds, outcome.Receipt.Delivered, outcome.Receipt.Gateways));
        Assert.Contains("3 connections on 1 gateway took it all the same", outcome.Problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("has sent it to anybody", outcome.Problem.Detail, StringComparison.Ordinal);
    }

    /// <summary>Tests that the response is not 202, because 202 means that every gateway except the pending ones has accepted the signal.</summary>
    [Theory]
    [InlineData(ReceiptStatus.IdReused, 409)]
    [InlineData(ReceiptStatus.IdsExhausted, 503)]
    public async Task PublishAsync_OneGatewayRefusedAndAnotherDoesNotAnswer_IsRefusedAndNamesTheOther(ReceiptStatus status, int expected)
    {
        _backplane.OnPublish = _ => new PublishResult(new FakePendingReceipt(new Receipt(status, 0, 0), "gateway-2"));
        var publishing = Publish();

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(expected, await StatusAsync(publishing));
        var outcome = await publishing;
        Assert.Equal(["gateway-2"], outcome.PendingGateways);
        Assert.Contains("No gateway that answered has sent it to anybody. gateway-2 did not answer, and may send it yet.", outcome.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_LastGatewayAnswersAtTheLastMoment_IsFinal()
    {
        _backplane.OnPublish = _ => new PublishResult(new FakePendingReceipt(new Receipt(ReceiptStatus.Delivered, 3, 2)));
        var publishing = Publish();

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((200, null), (await StatusAsync(publishing), (await publishing).PendingGateways));
    }

    // A cluster in trouble may need longer to accept a signal than the acknowledgement timeout. The response must not be 202 before that.
    [Fact]
    public async Task PublishAsync_AcceptedLate_IsAnswered202ThenAndNotBefore()
    {
        var placed = new TaskCompletionSource();
        _backplane.OnPublish = _ => new PublishResult(new FakePendingReceipt(default, "gateway-2") { WhenAccepted = placed.Task });
        var publishing = Publish();

        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.False(publishing.IsCompleted);
        placed.SetResult();

        Assert.Equal(202, await StatusAsync(publishing));
    }

    [Fact]
    public async Task PublishAsync_AcceptedInTime_CountsThatAgainstTheAnswersTime()
    {
        var placed = new TaskCompletionSource();
        _backplane.OnPublish = _ => new PublishResult(new FakePendingReceipt(default, "gateway-2") { WhenAccepted = placed.Task });
        var publishing = Publish();
        _clock.Advance(TimeSpan.FromSeconds(1.5));
        placed.SetResult();
        await Deadline.UntilAsync("the wait for the receipt", () => _clock.ArmedTimers == 1);

        _clock.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(202, await StatusAsync(publishing));
    }

    [Fact]
    public async Task PublishAsync_NoPlaceInTime_IsGivenUpAnd503WithoutWaitingForTheBackplane()
    {
        var pending = new FakePendingReceipt(default) { WhenAccepted = new TaskCompletionSource().Task };
        _backplane.OnPublish = _ => new PublishResult(pending);
        var publishing = Publish();

        _clock.Advance(TimeSpan.FromSeconds(5.9));
        Assert.False(publishing.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal((503, 1), (await StatusAsync(publishing), pending.GivenUp));
    }

    // The wait for space and the wait for acceptance share one timeout.
    [Fact]
    public async Task PublishAsync_RoomCameLate_WaitsForThePlaceOnlyForTheRest()
    {
        var room = new TaskCompletionSource();
        var pending = new FakePendingReceipt(default) { WhenAccepted = new TaskCompletionSource().Task };
        _backplane.OnReady = _ => new ValueTask(room.Task);
        _backplane.OnPublish = _ => new PublishResult(pending);
        var publishing = Publish();
        _clock.Advance(TimeSpan.FromSeconds(5));
        room.SetResult();
        await Deadline.UntilAsync("the wait for the place", () => _clock.ArmedTimers == 1);

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(503, await StatusAsync(publishing));
    }

    // The signal is accepted just before its publisher gives up. The response must not say that it was not accepted.
    [Fact]
    public async Task PublishAsync_AcceptedAtTheLastMoment_IsNot503()
    {
        var placed = new TaskCompletionSource();
        var pending = new FakePendingReceipt(default, "gateway-2") { WhenAccepted = placed.Task };
        _backplane.OnPublish = _ => new PublishResult(pending);
        var publishing = Publish();

        placed.SetResult();
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal((202, 0), (await StatusAsync(publishing), pending.GivenUp));
    }

    [Theory]
    [InlineData(0, 0, 0, "all")]
    [InlineData(1, 2, 0, "room/1/2")]
    [InlineData(1, 2, 3, "user/3")]
    public async Task PublishAsync_AnyTarget_TravelsByItsTopic(long group, long channel, long user, string topic)
    {
        Signal? published = null;
        _backplane.OnPublish = signal =>
        {
            published = signal;
            return default;
        };

        await Publish(new Target(group, channel, user));

        Assert.Equal(
            (topic, new Target(group, channel, user), "hello"),
            (published!.Value.Topic.ToString(), published.Value.Target, System.Text.Encoding.UTF8.GetString(published.Value.Payload.Span)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PublishAsync_Id_TravelsOnlyWhenItIsTheBackendsOwn(bool isOwnId)
    {
        string? id = "none seen";
        _backplane.OnPublish = signal =>
        {
            id = signal.Id;
            return default;
        };

        await Publish(isOwnId: isOwnId);

        Assert.Equal(isOwnId ? "order-1" : null, id);
    }

    [Fact]
    public async Task PublishAsync_ReceiptNotInTime_Is202WithThePendingAndWhatIsKnown()
    {
        _backplane.OnPublish = _ => new PublishResult(new FakePendingReceipt(new Receipt(ReceiptStatus.Delivered, 3, 1), "gateway-2", "gateway-3"));
        var publishing = Publish();

        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(publishing.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(202, await StatusAsync(publishing));
        var outcome = await publishing;
        Assert.Equal(
            (3, "gateway-2 gateway-3", null),
            (outcome.Receipt.Delivered, string.Join(' ', outcome.PendingGateways!), outcome.Problem));
    }

    [Fact]
    public async Task PublishAsync_NoRoomInTime_Is503AndNothingIsPublished()
    {
        var published = 0;
        _backplane.OnReady = _ => new ValueTask(new TaskCompletionSource().Task);
        _backplane.OnPublish = _ =>
        {
            published++;
            return default;
        };
        var publishing = Publish();

        _clock.Advance(TimeSpan.FromSeconds(5.9));
        Assert.False(publishing.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal((503, 0), (await StatusAsync(publishing), published));
    }

    [Fact]
    public async Task PublishAsync_RoomOfItsTopic_IsWhatIsWaitedFor()
    {
        var asked = new List<Topic>();
        _backplane.OnReady = topic =>
        {
            asked.Add(topic);
            return default;
        };
        _backplane.OnPublish = _ => default;

        await Publish(new Target(1, 2, 0));

        Assert.Equal([Topic.Room(1, 2)], asked);
    }

    // A signal that is accepted at once waits only for its receipt when the call returns. A thousand are sent, because a thread switch could go unnoticed for one.
    [Fact]
    public async Task PublishAsync_AcceptedAtOnce_WaitsForItsReceiptWhenItReturns()
    {
        _backplane.OnPublish = _ => new PublishResult(new FakePendingReceipt(default, "gateway-2"));
        var publishing = Enumerable.Range(0, 1000).Select(_ => Publish()).ToArray();

        Assert.Equal(publishing.Length, _clock.ArmedTimers);
        _clock.Advance(TimeSpan.FromSeconds(2));

        foreach (var one in publishing)
        {
            Assert.Equal(202, await StatusAsync(one));
        }
    }

    [Fact]
    public async Task PublishAsync_Answered_LeavesNoTimer()
    {
        var pending = new FakePendingReceipt(default);
        _backplane.OnPublish = _ => new PublishResult(pending);
        var publishing = Publish();
        pending.Complete(default);

        await StatusAsync(publishing);

        await Deadline.UntilAsync("no timer", () => _clock.ArmedTimers == 0, actual: () => $"{_clock.ArmedTimers}");
    }

    // The next signal of a batch is published while the receipt of the last one is pending.
    [Fact]
    public async Task PublishAsync_ReceiptPending_CompletesWithThePlace()
    {
        var pending = new FakePendingReceipt(default);
        _backplane.OnPublish = _ => new PublishResult(pending);

        var published = await Create().PublishAsync(Request(), _clock.GetTimestamp());

        Assert.False(published.Completion.IsCompleted);
        pending.Complete(new Receipt(ReceiptStatus.Delivered, 3, 2));
        Assert.Equal(200, await StatusAsync(published));
    }

    [Fact]
    public async Task PublishAsync_RequestThatHasWaitedAlready_WaitsForRoomOnlyForTheRest()
    {
        _backplane.OnReady = _ => new ValueTask(new TaskCompletionSource().Task);
        var arrivedAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(5));
        var publishing = Create().PublishAsync(Request(), arrivedAt).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(publishing.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        var published = await Deadline.RunAsync("its end", token => new ValueTask<PublishedSignal>(publishing.WaitAsync(token)));
        Assert.Equal(503, await StatusAsync(published));
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 503)]
    public async Task PublishAsync_RequestWhoseTimeIsUp_IsAcceptedOnlyWhereThereIsRoom(bool hasRoom, int status)
    {
        _backplane.OnReady = _ => hasRoom ? default : new ValueTask(new TaskCompletionSource().Task);
        _backplane.OnPublish = _ => new PublishResult(new Receipt(ReceiptStatus.Delivered, 1, 1));
        var arrivedAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(7));

        var published = await Create().PublishAsync(Request(), arrivedAt);

        Assert.Equal(status, await StatusAsync(published));
    }

    private static async Task<T> WithinAsync<T>(Task<T> task) =>
        await Deadline.RunAsync("an outcome", token => new ValueTask<T>(task.WaitAsync(token)));

    private static async Task<int> StatusAsync(Task<SignalOutcome> publishing) => (await WithinAsync(publishing)).Status;

    private async Task<int> StatusAsync(PublishedSignal published) => Outcome(Request(), await WithinAsync(published.Completion)).Status;

    private SignalPublisher Create() => new(_backplane, Options.Create(_options), _queues, _clock);

    private SignalOutcome Outcome(SignalRequest request, SignalResult result) =>
        new SignalOutcomes(Options.Create(_options), Options.Create(new IdempotencyOptions()), _queues).Of(request, result);

    private static SignalRequest Request(Target target = default, bool isOwnId = true) => new(target, "hello"u8.ToArray(), "order-1", isOwnId);

    private async Task<SignalOutcome> Publish(Target target = default, bool isOwnId = true)
    {
        var request = Request(target, isOwnId);
        var published = await Create().PublishAsync(request, _clock.GetTimestamp());
        return Outcome(request, await published.Completion);
    }
}
