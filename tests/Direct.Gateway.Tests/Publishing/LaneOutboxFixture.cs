using System.Text;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Publishing;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Memory;
using Direct.Testing.Metrics;
using Direct.Testing.Time;

namespace Direct.Gateway.Tests.Publishing;

/// <summary>Provides the outbox of a room with a fake lane grain whose responses the test sets.</summary>
internal sealed class LaneOutboxFixture
{
    public const int MaxLaneBytes = 10_000;
    public const int MaxUnresponsiveBytes = 25_000;

    public static readonly TimeSpan BroadcastDeadline = TimeSpan.FromSeconds(25);

    private static readonly Topic Room = Topic.Room(5, 7);

    private int _retirements;

    public LaneOutboxFixture()
    {
        var lane = Lane.Of(Room.ToKey());
        Grain = Grains.Lane(lane);
        var sequence = new PublishSequence(() => OldestSequence?.Invoke() ?? Outbox!.OldestSequence, Time);
        var publisher = new LanePublisher(Grains, sequence.Publisher, Time, Log);
        Outbox = new LaneOutbox(lane, new OutboxContext(sequence, new UnresponsiveBytes(MaxUnresponsiveBytes), new ClusterMetrics(Meters), Time, Log)
        {
            MaxLaneBytes = MaxLaneBytes,
            BroadcastTimeout = BroadcastDeadline,
            Held = Queues.Lanes,
            Ready = publisher.Send,
            Retired = _ => Interlocked.Increment(ref _retirements),
        });
    }

    public RecordingLogger<LaneOutbox> Log { get; } = new();

    /// <summary>Gets or sets the function that returns the oldest sequence of all lanes; that of this lane when null.</summary>
    public Func<long>? OldestSequence { get; set; }

    public TestMeters Meters { get; } = new();

    public QueueBudget Queues { get; } = FakeMemoryWatch.Plenty();

    public ManualTimeProvider Time { get; } = new();

    public FakeGrains Grains { get; } = new();

    public FakeLaneGrain Grain { get; }

    public LaneOutbox Outbox { get; }

    public int Retirements => Volatile.Read(ref _retirements);

    public ClusterReceipt Send(string text = "hello")
    {
        var receipt = new ClusterReceipt();
        Assert.True(TrySend(text, receipt));
        return receipt;
    }

    public void Broadcast(string text = "hello") => Assert.True(TrySend(text, null));

    public bool TrySend(string text, ClusterReceipt? receipt)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var isAccepted = Outbox.TryEnqueue(new Signal(Room, new Target(5, 7, 0), payload, null, receipt is not null), Room.ToKey(), receipt);
        payload.AsSpan().Fill((byte)'?');
        return isAccepted;
    }

    /// <summary>Moves the clock past the delay before the next attempt.</summary>
    public async Task RetryAsync()
    {
        await Deadline.UntilAsync("a retry is due", () => Time.ArmedTimers > 0);
        Time.Advance(TimeSpan.FromMilliseconds(500));
    }

    /// <summary>Fails every publish until <paramref name="span"/> has passed or <paramref name="orUntil"/> holds.</summary>
    public async Task FailForAsync(TimeSpan span, Func<bool> orUntil)
    {
        var end = Time.GetUtcNow() + span;
        while (Time.GetUtcNow() < end && !orUntil())
        {
            await Deadline.UntilAsync(
                "the outbox tries or waits",
                () =>
                {
                    foreach (var call in Grain.Publishes.Where(call => !call.Task.IsCompleted))
                    {
                        call.Fail();
                    }

                    return Time.ArmedTimers > 0 || orUntil();
                });
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    public Task RetiredAsync() => Deadline.UntilAsync("the outbox retires", () => Retirements > 0);

    public static Task<Receipt> EndAsync(ClusterReceipt receipt) =>
        Deadline.RunAsync("a receipt", token => new ValueTask<Receipt>(receipt.Completion.WaitAsync(token)));

    public static Task AcceptedAsync(ClusterReceipt receipt) =>
        Deadline.RunAsync("a place", token => new ValueTask(receipt.Accepted.WaitAsync(token)));
}
