using Direct.Edge.Diagnostics;
using Direct.Edge.Node;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Topics;

public sealed class TopicLogTests : IDisposable
{
    private const int MaxWaitingBytes = 100_000;

    private readonly TestMeters _meters = new();
    private readonly GatewayMetrics _metrics;
    private readonly Gate _gate = new();
    private readonly RecordingRecipient _holder;
    private readonly List<TopicLog> _retired = [];
    private readonly ManualTimeProvider _time = new();
    private readonly NodeGate _node;

    public TopicLogTests()
    {
        _node = new NodeGate(_time);
        _metrics = new GatewayMetrics(_meters);
        var isFirst = 1;
        _holder = new RecordingRecipient
        {
            OnSend = () =>
            {
                if (Interlocked.Exchange(ref isFirst, 0) == 1)
                {
                    _gate.Pass();
                }
            },
        };
    }

    public void Dispose()
    {
        _gate.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Publish_WhileTheDrainerIsBusy_GoesOutAsOneSendAMember()
    {
        var log = Create();
        var recipient = new RecordingRecipient();
        await HoldAsync(log, recipient);
        var texts = Enumerable.Range(0, 100).Select(i => $"{i}").ToArray();

        Array.ForEach(texts, text => Publish(log, text));
        _gate.Open();

        await ArriveAsync(recipient, ["held", .. texts]);
        await ArriveAsync(_holder, ["held", .. texts]);
        Assert.Equal((2, 2), (_holder.Sends.Length, recipient.Sends.Length));
    }

    [Fact]
    public async Task Publish_ToMembersOfBothDialects_GoesOutInTheFormOfEach()
    {
        var log = Create();
        var (original, direct2) = (new RecordingRecipient(), new RecordingRecipient { SpeaksDirect2 = true });
        await HoldAsync(log, original, direct2);
        string[] texts = ["1", "2", "3"];

        var recipients = texts.Select(text => Publish(log, text)).ToArray();
        _gate.Open();

        await ArriveAsync(original, ["held", .. texts]);
        await ArriveAsync(direct2, [.. texts.Prepend("held").Select(text => $"5,7,0 0\n{text}")]);
        Assert.Equal([3, 3, 3], recipients);
    }

    // The waiting bytes are those of the dialects that have members: the other form was not made.
    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 11)]
    public async Task Publish_ToMembersOfOneDialect_MakesOneForm(bool speaksDirect2, int bytes)
    {
        var log = Create(mayRetire: false);
        using var gate = new Gate();
        Leave(log, Join(log, new RecordingRecipient { SpeaksDirect2 = !speaksDirect2 })); // that dialect has had a member
        var recipient = new RecordingRecipient { SpeaksDirect2 = speaksDirect2, OnSend = gate.Pass };
        Join(log, recipient);
        Publish(log, "held");
        await gate.ReachedAsync("the drainer");

        Publish(log, "x");

        Assert.Equal(bytes, log.WaitingBytes);
        gate.Open();
        await Deadline.UntilAsync("both texts", () => recipient.Count == 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leave_WhileTheOtherDialectIsBeingSent_RetiresOnceAfterIt(bool holderLeavesFirst)
    {
        var log = Create();
        var other = Join(log, new RecordingRecipient { SpeaksDirect2 = true });
        var holder = await HoldAsync(log);

        Membership[] order = holderLeavesFirst ? [holder, other] : [other, holder];
        Array.ForEach(order, member => Leave(log, member));
        Assert.Empty(_retired);
        _gate.Open();

        await Deadline.UntilAsync("the log retires", () => _retired.Count > 0);
        Assert.Equal((log, false), (Assert.Single(_retired), log.TryJoin(new Membership(_holder))));
    }

    [Fact]
    public async Task Leave_ThatJoinedWithinTheSameBatch_GetsWhatWasSaidBetween()
    {
        var log = Create();
        var passer = new RecordingRecipient();
        await HoldAsync(log);

        Publish(log, "before");
        var member = Join(log, passer);
        Publish(log, "between 1");
        Publish(log, "between 2");
        Leave(log, member);
        Publish(log, "after");
        _gate.Open();

        await ArriveAsync(_holder, ["held", "before", "between 1", "between 2", "after"]);
        Assert.Equal(("between 1|between 2", 1), (string.Join('|', passer.Texts), passer.Sends.Length));
    }

    [Fact]
    public async Task Leave_ThatHeardNothing_GetsNoSend()
    {
        var log = Create();
        var passer = new RecordingRecipient();
        await HoldAsync(log);

        Publish(log, "before");
        Leave(log, Join(log, passer));
        Publish(log, "after");
        _gate.Open();

        await ArriveAsync(_holder, ["held", "before", "after"]);
        Assert.Empty(passer.Sends);
    }

    [Fact]
    public async Task Publish_MoreThanABatchHolds_GoesOutInSendsOf64KiBAtMost()
    {
        var log = Create();
        await HoldAsync(log);
        var texts = Enumerable.Range(0, 300).Select(i => $"{i} {new string('x', 700)}").ToArray();

        Array.ForEach(texts, text => Publish(log, text));
        _gate.Open();

        await ArriveAsync(_holder, ["held", .. texts]);
        Assert.All(_holder.Sends, send => Assert.InRange(send.Length, 1, FrameBatch.MaxBytes));
        Assert.InRange(_holder.Sends.Length, 4, 6);
    }

    [Fact]
    public async Task Publish_AMessageLongerThanABatch_GoesOutAlone()
    {
        var log = Create();
        await HoldAsync(log);
        var large = new string('x', FrameBatch.MaxBytes + 1000);

        Publish(log, "before");
        Publish(log, large);
        Publish(log, "after");
        _gate.Open();

        await ArriveAsync(_holder, ["held", "before", large, "after"]);
        Assert.Equal(4, _holder.Sends.Length);
    }

    // Batches also contain membership changes. A change after a full batch must still come after it.
    [Fact]
    public async Task TryJoin_BehindAFullBatch_ComesAfterIt()
    {
        var log = Create();
        var (joiner, leaver) = (new RecordingRecipient(), new RecordingRecipient());
        var leaving = Join(log, leaver);
        await HoldAsync(log);
        var large = new string('x', FrameBatch.MaxBytes + 1000);

        Publish(log, large);
        Join(log, joiner);
        Leave(log, leaving);
        Publish(log, large + "!");
        Publish(log, "after");
        _gate.Open();

        await ArriveAsync(joiner, [large + "!", "after"]);
        Assert.Equal(["held", large], leaver.Texts);
    }

    // Each work item of the pool starts with a fresh execution context. A value that a recipient sets in it identifies the slice.
    [Fact]
    public async Task Publish_ToAVeryLargeRoom_LetsOthersHaveTheirTurn()
    {
        var log = Create();
        var slice = new AsyncLocal<int[]?>();
        var slices = new List<int[]>();
        var recipients = Enumerable.Range(0, 1_000).Select(_ => new RecordingRecipient
        {
            OnSend = () =>
            {
                if (slice.Value is null)
                {
                    slice.Value = new int[1];
                    slices.Add(slice.Value);
                }

                slice.Value[0]++;
            },
        }).ToArray();
        JoinAll(log, recipients);

        Publish(log, "hello");

        await Deadline.UntilAsync("a thousand deliveries", () => recipients.All(recipient => recipient.Sends.Length == 1));
        Assert.Equal([256, 256, 256, 232], slices.Select(sends => sends[0]));
    }

    [Theory]
    [InlineData((int)EnqueueResult.Overflow)]
    [InlineData((int)EnqueueResult.Closed)]
    public async Task Publish_AMemberThatTakesNothing_DelaysNobody(int answer)
    {
        var log = Create();
        var others = new[] { new RecordingRecipient(), new RecordingRecipient() };
        JoinAll(log, others[0], new RecordingRecipient { Answer = (EnqueueResult)answer }, others[1]);

        Publish(log, "1");
        Publish(log, "2");

        await ArriveAsync(others[0], ["1", "2"]);
        await ArriveAsync(others[1], ["1", "2"]);
    }

    [Fact]
    public async Task Publish_Delivered_IsCountedForEachMember()
    {
        var log = Create();
        var recipient = new RecordingRecipient();
        await HoldAsync(log, recipient);

        Publish(log, "1");
        Leave(log, Join(log, new RecordingRecipient()));
        Publish(log, "2");
        Join(log, new RecordingRecipient());
        Publish(log, "3");
        _gate.Open();

        await Deadline.UntilAsync("2 + 2 + 2 + 3 deliveries", () => Deliveries() >= 9, actual: () => $"{Deliveries()}");
        Assert.Equal(9, Deliveries());

        double Deliveries() => _meters.Read("direct.gateway.deliveries");
    }

    [Fact]
    public async Task ReadyAsync_LittleWaits_CompletesAtOnce()
    {
        var log = Create();
        await HoldAsync(log);
        Publish(log, new string('x', MaxWaitingBytes - 100));

        Assert.True(ReadyAsync(log).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task ReadyAsync_ManyPublishersWait_AllAreToldOnceItIsSent()
    {
        var log = Create();
        await HoldAsync(log);
        var readies = new List<Task>();
        for (var i = 0; i < 10; i++)
        {
            Publish(log, new string('x', 30_000));
            readies.Add(ReadyAsync(log));
        }

        Assert.Equal([true, true, true, false, false, false, false, false, false, false], readies.Select(ready => ready.IsCompleted));
        _gate.Open();

        await Deadline.RunAsync("room for all", token => new ValueTask(Task.WhenAll(readies).WaitAsync(token)));
    }

    [Fact]
    public async Task ReadyAsync_Cancelled_IsCancelled()
    {
        var log = Create();
        await HoldAsync(log);
        Publish(log, new string('x', MaxWaitingBytes));
        using var cancellation = new CancellationTokenSource();
        var ready = log.ReadyAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ready);
    }

    // A member receives every message that it was counted for, even when it leaves. It is told when no more will come.
    [Fact]
    public async Task Leave_WhileTheDrainerIsBusy_OwesTheMemberWhatWasSaid()
    {
        var log = Create();
        var leaver = new RecordingRecipient();
        var member = Join(log, leaver);
        await HoldAsync(log);
        Publish(log, "owed");

        Leave(log, member);
        Assert.Equal((1, "held"), (leaver.PendingFlushes, string.Join('|', leaver.Texts)));
        _gate.Open();

        await Deadline.UntilAsync("the flush is released", () => leaver.PendingFlushes == 0);
        Assert.Equal(["held", "owed"], leaver.Texts);
    }

    [Fact]
    public void Leave_TheLastOne_RetiresTheLog()
    {
        var log = Create();
        var member = Join(log, new RecordingRecipient());

        Assert.Equal((true, false), (Leave(log, member), log.TryJoin(new Membership(new RecordingRecipient()))));
    }

    [Fact]
    public void Leave_TheLastOneOfALogThatMayNotRetire_RetiresNothing()
    {
        var log = Create(mayRetire: false);
        var member = Join(log, new RecordingRecipient());

        Assert.Equal((false, true), (Leave(log, member), log.TryJoin(new Membership(new RecordingRecipient()))));
    }

    [Fact]
    public async Task Leave_TheLastOneWhileTheDrainerIsBusy_RetiresBehindWhatWaits()
    {
        var log = Create();
        var member = await HoldAsync(log);
        Publish(log, "waits");

        var isRetiredAtOnce = Leave(log, member);
        Assert.Equal((false, 0), (isRetiredAtOnce, _retired.Count));
        _gate.Open();

        await Deadline.UntilAsync("its retirement", () => _retired.Count > 0);
        Assert.Equal(["held", "waits"], _holder.Texts);
        Assert.False(log.TryJoin(new Membership(_holder)));
    }

    [Fact]
    public async Task TryJoin_BehindTheLastLeaveOfABusyLog_KeepsItAlive()
    {
        var log = Create();
        var heir = new RecordingRecipient();
        var member = await HoldAsync(log);

        Leave(log, member);
        Assert.Equal(0, Publish(log, "to nobody"));
        Join(log, heir);
        Publish(log, "to the heir");
        _gate.Open();

        await ArriveAsync(heir, ["to the heir"]);
        Assert.Empty(_retired);
    }

    // One thread performs random operations, with and without pauses in which the drainer finishes. Every member receives the messages of its membership.
    [Fact]
    public void Anything_AtRandom_ReachesExactlyTheMembers()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var log = Create(mayRetire: false);
            var present = new List<(Membership Member, RecordingRecipient Recipient)>();
            var expected = new Dictionary<RecordingRecipient, List<string>>();
            for (var step = 0; step < 600; step++)
            {
                switch (random.Next(0, 10))
                {
                    case < 3:
                        var recipient = new RecordingRecipient();
                        expected[recipient] = [];
                        present.Add((Join(log, recipient), recipient));
                        break;
                    case < 6 when present.Count > 0:
                        var index = random.Next(present.Count);
                        Leave(log, present[index].Member);
                        present.RemoveAt(index);
                        break;
                    case 6:
                        Arrived(expected, $"seed {seed}, step {step}");
                        break;
                    default:
                        var text = $"{step} {new string('x', random.Next(0, random.Next(0, 20) == 0 ? 30_000 : 50))}";
                        Assert.Equal(present.Count, Publish(log, text));
                        present.ForEach(pair => expected[pair.Recipient].Add(text));
                        break;
                }
            }

            Arrived(expected, $"seed {seed}");
            Assert.All(expected, pair => Assert.Equal(pair.Value, pair.Key.Texts));
        }
    }

    /// <summary>
    /// Regression test: a machine was suspended while a batch was being sent. After the suspension the log sent the rest of the batch and all waiting
    /// messages, although the cluster had removed the gateway long before.
    /// </summary>
    [Fact]
    public async Task Drain_SuspendedPastTheLease_SendsNothingMore()
    {
        _node.LeaseUntil(_time.GetTimestamp() + TimeSpan.FromSeconds(15).Ticks);
        var log = Create();
        var others = Enumerable.Range(0, 100).Select(_ => new RecordingRecipient()).ToArray();
        await HoldAsync(log, others);
        Publish(log, "waiting");

        _time.Suspend(TimeSpan.FromMinutes(1));
        _gate.Open();
        await DrainedAsync(log);

        Assert.All(others.Skip(15), other => Assert.Empty(other.Sends)); // the sends before the next check of the clock
        Assert.All(others.Append(_holder), other => Assert.DoesNotContain("waiting", other.Texts));
        _node.EndLease();
        Publish(log, "later");
        await ArriveAsync(others[^1], ["later"]);
    }

    [Fact]
    public async Task Leave_SuspendedPastTheLease_IsPaidWithoutASend()
    {
        _node.LeaseUntil(_time.GetTimestamp() + TimeSpan.FromSeconds(15).Ticks);
        var log = Create();
        await HoldAsync(log);
        var leaving = new RecordingRecipient();
        var member = Join(log, leaving);
        Publish(log, "waiting");
        Leave(log, member);
        Assert.Equal(1, leaving.PendingFlushes);

        _time.Suspend(TimeSpan.FromMinutes(1));
        _gate.Open();

        await Deadline.UntilAsync("the flush is released", () => leaving.PendingFlushes == 0);
        Assert.Empty(leaving.Sends);
    }

    [Fact]
    public async Task Drain_LeaseRenewedMeanwhile_Sends()
    {
        _node.LeaseUntil(_time.GetTimestamp() + TimeSpan.FromSeconds(15).Ticks);
        var log = Create();
        var other = new RecordingRecipient();
        await HoldAsync(log, other);
        Publish(log, "waiting");

        _node.LeaseUntil(_time.GetTimestamp() + TimeSpan.FromSeconds(25).Ticks);
        _time.Advance(TimeSpan.FromSeconds(20));
        _gate.Open();

        await ArriveAsync(other, ["held", "waiting"]);
    }

    // Waits until the drainer has processed all entries, so that a joining connection is a member at once.
    private static async Task DrainedAsync(TopicLog log)
    {
        var last = new RecordingRecipient();
        var member = Join(log, last);
        Leave(log, member);
        await Deadline.UntilAsync("the log is drained", () => last.PendingFlushes == 0);
    }

    // Spins without the pauses of a poll, because this is called very often.
    private static void Arrived(Dictionary<RecordingRecipient, List<string>> expected, string phase) => Assert.True(
        SpinWait.SpinUntil(() => expected.All(pair => pair.Key.Count >= pair.Value.Count), Deadline.Default),
        $"{phase}: {expected.Sum(pair => pair.Key.Count)} deliveries of {expected.Sum(pair => pair.Value.Count)}");

    private static async Task ArriveAsync(RecordingRecipient recipient, string[] texts)
    {
        await Deadline.UntilAsync($"{texts.Length} texts", () => recipient.Count >= texts.Length, actual: () => $"{recipient.Count} have come");
        Assert.Equal(texts, recipient.Texts);
    }

    private static Membership Join(TopicLog log, RecordingRecipient recipient)
    {
        var member = new Membership(recipient);
        Assert.True(log.TryJoin(member));
        return member;
    }

    private static void JoinAll(TopicLog log, params RecordingRecipient[] recipients) => Array.ForEach(recipients, recipient => Join(log, recipient));

    private static bool Leave(TopicLog log, Membership member) => log.Leave(member);

    private static int Publish(TopicLog log, string text) => log.Publish(System.Text.Encoding.UTF8.GetBytes(text));

    private static Task ReadyAsync(TopicLog log) => log.ReadyAsync(CancellationToken.None).AsTask();

    private TopicLog Create(bool mayRetire = true) =>
        new(Topic.Room(5, 7), new TopicLogSettings(MaxWaitingBytes, mayRetire, _retired.Add, _metrics, _node));

    // Blocks the drainer while it sends "held" to the holder, until the gate is opened.
    private async Task<Membership> HoldAsync(TopicLog log, params RecordingRecipient[] others)
    {
        var member = Join(log, _holder);
        JoinAll(log, others);
        Publish(log, "held");
        await _gate.ReachedAsync("the drainer");
        return member;
    }
}
