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

/// <summary>Tests publishing through a silo in the same process.</summary>
public sealed class LocalPublishTests : ILocalPublisher
{
    private static readonly Topic Group = Topic.Group(1);

    private readonly FakeGrains _grains = new() { LanesAcceptAtOnce = true };
    private readonly ManualTimeProvider _time = new();
    private readonly List<PublishRequest[]> _calls = [];
    private readonly LaneOutbox _outbox;
    private TaskCompletionSource? _gate;
    private Exception? _failure;
    private Action? _onPublish;

    public LocalPublishTests()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var log = new RecordingLogger<LanePublisher>();
        var sequence = new PublishSequence(static () => long.MaxValue, _time);
        var publisher = new LanePublisher(_grains, sequence.Publisher, _time, log, this);
        _outbox = new LaneOutbox(Lane.Of(Group.ToKey()), new OutboxContext(sequence, new UnresponsiveBytes(0), new ClusterMetrics(new TestMeters()), _time, log)
        {
            MaxLaneBytes = 1_000_000,
            BroadcastTimeout = TimeSpan.FromSeconds(25),
            Ready = publisher.Send,
            Retired = static _ => { },
        });
    }

    public async ValueTask<PublisherAnswer> PublishAsync(PublishRequest[] requests)
    {
        _calls.Add(requests);
        Interlocked.Exchange(ref _onPublish, null)?.Invoke();
        await (_gate?.Task ?? Task.CompletedTask);
        return _failure is null
            ? await _grains.Publisher.PassOnAsync(requests)
            : throw _failure;
    }

    [Fact]
    public async Task Send_FirstTime_IsPublishedBeforeTheCallReturnsAndWithoutAGrain()
    {
        var receipt = Send("hello");

        Assert.Single(_calls);
        await EndAsync(receipt);
        Assert.Empty(_grains.Publisher.Calls);
    }

    [Fact]
    public async Task Send_DuringACall_LeavesTogetherAndInOrderAfterIt()
    {
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ClusterReceipt[] receipts = [Send("1"), Send("2"), Send("3")];
        Assert.Single(_calls);

        _gate.SetResult();
        await Task.WhenAll(receipts.Select(EndAsync));

        Assert.Equal(["2", "3"], Assert.Single(_calls[1]).Batch.Signals.Select(static signal => Encoding.UTF8.GetString(signal.Payload)));
    }

    /// <summary>Tests that the publishing thread, which may be an event loop, does not continue with batches that others add.</summary>
    [Fact]
    public async Task Send_MoreComesDuringTheCall_ReturnsAndAnotherThreadSendsIt()
    {
        ClusterReceipt? second = null;
        var threads = new List<int>();
        _onPublish = () =>
        {
            second = Send("2");
            _onPublish = () => threads.Add(Environment.CurrentManagedThreadId);
        };

        var first = Send("1");
        var isSent = SpinWait.SpinUntil(() => threads.Count == 1, TimeSpan.FromSeconds(20)); // occupies this thread

        Assert.True(isSent);
        Assert.NotEqual(Environment.CurrentManagedThreadId, threads[0]);
        await Task.WhenAll(EndAsync(first), EndAsync(second!));
    }

    [Fact]
    public async Task Send_Fails_IsRepeatedThroughTheGrainOfItsLane()
    {
        _failure = new TimeoutException("as the test says");
        var receipt = Send("hello");

        await Deadline.UntilAsync("a retry is due", () => _time.ArmedTimers > 0);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await EndAsync(receipt);

        Assert.Single(_calls);
        Assert.True(Assert.Single(_grains.Lane(_outbox.Lane).Publishes).Batch.IsRepeat);
    }

    private static async Task EndAsync(ClusterReceipt receipt) => Assert.Equal(
        ReceiptStatus.Delivered, (await Deadline.RunAsync("a receipt", token => new ValueTask<Receipt>(receipt.Completion.WaitAsync(token)))).Status);

    private ClusterReceipt Send(string text)
    {
        var receipt = new ClusterReceipt();
        Assert.True(_outbox.TryEnqueue(new Signal(Group, new Target(1, 0, 0), Encoding.UTF8.GetBytes(text), null, NeedsReceipt: true), Group.ToKey(), receipt));
        return receipt;
    }
}
