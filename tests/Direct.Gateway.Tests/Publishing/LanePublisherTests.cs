using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Publishing;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Publishing;

/// <summary>Tests how batches of many lanes share calls.</summary>
public sealed class LanePublisherTests
{
    private const int MaxCalls = 4;

    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(30);

    private readonly FakeGrains _grains = new() { LanesAcceptAtOnce = true };
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<LanePublisher> _log = new();
    private readonly OutboxContext _outboxes;

    public LanePublisherTests()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var sequence = new PublishSequence(static () => long.MaxValue, _time);
        var publisher = new LanePublisher(_grains, sequence.Publisher, _time, _log);
        _outboxes = new OutboxContext(sequence, new UnresponsiveBytes(0), new ClusterMetrics(new TestMeters()), _time, _log)
        {
            MaxLaneBytes = 1_000_000,
            BroadcastTimeout = TimeSpan.FromSeconds(25),
            Ready = publisher.Send,
            Retired = static _ => { },
        };
    }

    private FakePublisherGrain Publisher => _grains.Publisher;

    [Fact]
    public async Task Send_OneLane_IsOneCallOfAPublisher()
    {
        await EndAsync(Send(1));

        Assert.Equal(1, Assert.Single(Assert.Single(Publisher.Calls)).Batch.Lane.Id);
    }

    /// <summary>Tests that batches that become ready while a call is under way share the next call.</summary>
    [Fact]
    public async Task Send_CallUnderWay_NextCallTakesAllThatWait()
    {
        await LearnAsync(Enumerable.Range(1, 20));
        var (gates, receipts) = await HoldFirstCallAsync();

        receipts.AddRange(Enumerable.Range(2, 19).Select(Send));
        gates[0].SetResult();
        await Deadline.UntilAsync("the next call is under way", () => gates.Count == 2);

        Assert.Equal(19, Publisher.Calls[^1].Length);
        gates[1].SetResult();
        await Task.WhenAll(receipts.Select(EndAsync));
    }

    /// <summary>Tests that publishers that a shared call has answered have a moment for their next signals.</summary>
    [Fact]
    public async Task Send_SharedCallHasEnded_WaitsAMoment()
    {
        await LearnAsync([1, 2, 3, 4]);
        var (gates, receipts) = await HoldFirstCallAsync();
        receipts.AddRange([Send(2), Send(3)]);
        gates[0].SetResult();
        await Deadline.UntilAsync("the shared call is under way", () => gates.Count == 2);
        gates[1].SetResult();
        await Task.WhenAll(receipts.Select(EndAsync));

        receipts.AddRange([Send(4), Send(1)]);
        await Deadline.UntilAsync("it gathers, and is watched", () => _time.ArmedTimers == 2);
        Assert.Equal(2, gates.Count);
        _time.Advance(GatherFor);
        await Deadline.UntilAsync("the next call is under way", () => gates.Count == 3);

        Assert.Equal([4L, 1L], Publisher.Calls[^1].Select(static request => request.Batch.Lane.Id));
        gates[2].SetResult();
        await Task.WhenAll(receipts.Select(EndAsync));
    }

    /// <summary>Tests that a call that takes long, as when one of its batches is forwarded to a silo that hangs, delays no other lane for long.</summary>
    [Fact]
    public async Task Send_CallsTakeLong_AFewAreUnderWay()
    {
        await LearnAsync(Enumerable.Range(1, 20));
        var (gates, receipts) = await HoldFirstCallAsync();
        for (var call = 2; call <= MaxCalls; call++)
        {
            receipts.Add(Send(call));
            await CallsTakeLongAsync();
            await Deadline.UntilAsync("another call is under way", () => gates.Count == call);
        }

        receipts.AddRange(Enumerable.Range(MaxCalls + 1, 16).Select(Send));
        await CallsTakeLongAsync();
        await Deadline.UntilAsync("the calls are watched again", () => _time.ArmedTimers == 1);
        Assert.Equal(MaxCalls, gates.Count);
        Publisher.OnPublish = null;
        var before = Publisher.Calls.Count;
        gates.ForEach(static gate => gate.SetResult());
        await Task.WhenAll(receipts.Select(EndAsync));

        Assert.InRange(Publisher.Calls.Count - before, 1, MaxCalls);
    }

    [Fact]
    public async Task Send_LaneIsInACall_GoesInNoOther()
    {
        await LearnAsync([1, 2]);
        var gates = Hold();
        var outbox = new LaneOutbox(LaneOf(1), _outboxes);
        var first = Send(outbox, 1, "1");
        await Deadline.UntilAsync("the call is under way", () => gates.Count == 1);
        var later = new[] { Send(outbox, 1, "2"), Send(outbox, 1, "3") };
        var other = Send(2);
        await CallsTakeLongAsync();
        await Deadline.UntilAsync("another call is under way", () => gates.Count == 2);
        Assert.Equal(2, Publisher.Calls[^1][0].Batch.Lane.Id);

        Publisher.OnPublish = null;
        gates.ForEach(static gate => gate.SetResult());
        await Task.WhenAll([EndAsync(first), .. later.Select(EndAsync), EndAsync(other)]);

        Assert.Equal(["2", "3"], Publisher.Calls[^1][0].Batch.Signals.Select(static signal => Encoding.UTF8.GetString(signal.Payload)));
    }

    [Theory]
    [InlineData("fails")]
    [InlineData("is malformed")]
    [InlineData("misses one")]
    public async Task Send_CallHasNoAnswer_EachLaneIsRepeatedByItself(string outcome)
    {
        Publisher.OnPublish = requests => outcome switch
        {
            "fails" => Task.FromException<PublisherAnswer>(new TimeoutException("as the test says")),
            "is malformed" => Task.FromResult(new PublisherAnswer(Publisher.Silo, [])),
            _ => Task.FromResult(new PublisherAnswer(Publisher.Silo, new PublishAnswer?[requests.Length])),
        };
        var receipt = Send(1);

        await RetryAsync();
        await EndAsync(receipt);

        Assert.True(Assert.Single(_grains.Lane(LaneOf(1)).Publishes).Batch.IsRepeat);
        Assert.Single(Publisher.Calls);
    }

    /// <summary>
    /// Tests that signals go directly to the lane grains for a while after a publisher has failed. A hanging silo would otherwise delay every signal
    /// for the timeout of a call.
    /// </summary>
    [Fact]
    public async Task Send_PublisherHasFailedLately_GoesToTheLanesForAWhile()
    {
        Publisher.OnPublish = static _ => Task.FromException<PublisherAnswer>(new TimeoutException("as the test says"));
        var receipt = Send(1);
        await RetryAsync();
        await EndAsync(receipt);
        Publisher.OnPublish = null;

        await EndAsync(Send(1));
        Assert.Single(Publisher.Calls);
        _time.Advance(TimeSpan.FromSeconds(2));
        await EndAsync(Send(1));

        Assert.Equal(2, Publisher.Calls.Count);
    }

    [Fact]
    public async Task Send_CallFailsWhileOthersWait_TheyGoToTheLanesAtOnce()
    {
        await LearnAsync([1, 2]);
        var failing = new TaskCompletionSource<PublisherAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        Publisher.OnPublish = _ => failing.Task;
        var calls = Publisher.Calls.Count;
        var first = Send(1);
        await Deadline.UntilAsync("a call is under way", () => Publisher.Calls.Count == calls + 1);
        var waiting = Send(2);

        failing.SetException(new TimeoutException("as the test says"));
        await EndAsync(waiting);
        await RetryAsync();
        await EndAsync(first);

        Assert.Equal(calls + 1, Publisher.Calls.Count);
        Assert.False(_grains.Lane(LaneOf(2)).Publishes[^1].Batch.IsRepeat);
    }

    /// <summary>Tests silos without publisher grains: during a rolling upgrade gateways may be newer than every silo.</summary>
    [Fact]
    public async Task Send_NoSiloKnowsPublishers_GoesToTheLanes()
    {
        _grains.KnowsPublishers = false;

        await EndAsync(Send(1));

        Assert.False(Assert.Single(_grains.Lane(LaneOf(1)).Publishes).Batch.IsRepeat);
    }

    /// <summary>Tests that the publisher finds a pipe to the silo of a lane. A pipe to another silo costs one more hop.</summary>
    [Fact]
    public async Task Send_LaneIsOnAnotherSilo_FindsThePipeToIt()
    {
        var silos = new[] { Guid.NewGuid(), Guid.NewGuid() };
        _grains.SiloOfKey = key => silos[key % 2];
        _grains.SiloOfLane = lane => silos[lane.Id % 2];

        for (var i = 0; i < 2 * PublishPipes.Keys; i++)
        {
            await EndAsync(Send(1));
            await EndAsync(Send(2));
        }

        var last = new List<(Guid, long)>();
        _grains.OnPublished = (silo, lane) => last.Add((silo, lane.Id));
        await EndAsync(Send(1));
        await EndAsync(Send(2));

        Assert.Equal([(silos[1], 1L), (silos[0], 2L)], last);
    }

    private static Lane LaneOf(long group) => Lane.Of(Topic.Group(group).ToKey());

    private static async Task EndAsync(ClusterReceipt receipt) => Assert.Equal(
        ReceiptStatus.Delivered, (await Deadline.RunAsync("a receipt", token => new ValueTask<Receipt>(receipt.Completion.WaitAsync(token)))).Status);

    private ClusterReceipt Send(int group) => Send(new LaneOutbox(LaneOf(group), _outboxes), group, "hello");

    private static ClusterReceipt Send(LaneOutbox outbox, long group, string text)
    {
        var receipt = new ClusterReceipt();
        var topic = Topic.Group(group);
        Assert.True(outbox.TryEnqueue(new Signal(topic, new Target(group, 0, 0), Encoding.UTF8.GetBytes(text), null, NeedsReceipt: true), topic.ToKey(), receipt));
        return receipt;
    }

    private async Task LearnAsync(IEnumerable<int> groups)
    {
        foreach (var group in groups)
        {
            await EndAsync(Send(group));
        }
    }

    // Holds every call from now on until the test completes the gate that the call adds to the list.
    private List<TaskCompletionSource> Hold()
    {
        var gates = new List<TaskCompletionSource>();
        Publisher.OnPublish = async requests =>
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gates.Add(gate);
            await gate.Task;
            return await Publisher.PassOnAsync(requests);
        };
        return gates;
    }

    // Holds the call of lane 1 and those that follow.
    private async Task<(List<TaskCompletionSource> Gates, List<ClusterReceipt> Receipts)> HoldFirstCallAsync()
    {
        var gates = Hold();
        var receipt = Send(1);
        await Deadline.UntilAsync("the call is under way", () => gates.Count == 1);
        return (gates, [receipt]);
    }

    private async Task CallsTakeLongAsync()
    {
        await Deadline.UntilAsync("the calls are watched", () => _time.ArmedTimers == 1);
        _time.Advance(SlowAfter);
    }

    private async Task RetryAsync()
    {
        await Deadline.UntilAsync("a retry is due", () => _time.ArmedTimers > 0);
        _time.Advance(TimeSpan.FromMilliseconds(500));
    }
}
