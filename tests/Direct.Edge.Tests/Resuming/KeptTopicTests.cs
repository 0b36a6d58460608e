using Direct.Edge.Keeping;
using Direct.Keeping;
using Direct.Testing.Time;
using static Direct.Edge.Tests.Resuming.FollowedFixture;

namespace Direct.Edge.Tests.Resuming;

/// <summary>Tests the interleavings of docs/internals/resume.md that a keeper decides. Their numbers are in the comments.</summary>
public sealed class KeptTopicTests : IDisposable
{
    private readonly FollowedFixture _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void Deliver_MessagesInOrder_ReachBothDialectsAndAreReplayed()
    {
        Open(Page(A1, TableOf(E1), 0));

        Assert.Equal(new KeptDelivery(1, 1), _log.Deliver(new Stamp(E1, 1), "a", A1));
        Assert.Equal(new KeptDelivery(1, 1), _log.Deliver(new Stamp(E1, 2), "b", A1));

        Assert.Equal(["1.1 a", "1.2 b"], _log.Received);
        Assert.Equal(["a", "b"], _log.Original.Texts);
        Assert.Equal(["1.2 b"], _log.Replay(new Stamp(E1, 1)));
        Assert.Equal(new Stamp(E1, 2), _log.Topic.Head);
    }

    [Fact]
    public void Deliver_ARepeat_ReachesNobodyAndHasTheCountsOfTheFirst()
    {
        Open(Page(A1, TableOf(E1), 0));
        _log.Deliver(new Stamp(E1, 1), "a", A1);

        Assert.Equal(new KeptDelivery(1, 1), _log.Deliver(new Stamp(E1, 1), "a", A1, new OriginalShare(1)));

        AssertReceived(["1.1 a"], ["a"]);
    }

    // 5. Without the rule the log would be that of an epoch that has ended.
    [Fact]
    public void Open_ByALeaderThatHasBeenReplaced_ChangesNothing()
    {
        Open(Page(A1, TableOf(E1), 2, "a", "b"));
        Assert.True(_log.Topic.Install(A2, After(E1, 2, E2), 2));

        Assert.False(_log.Topic.Open(Page(A1, TableOf(E1), 3, "c")));

        Assert.Equal(new Stamp(E2, 2), _log.Topic.Head);
        Assert.Empty(_log.Received);
    }

    // 6. Without the rule the ring would begin with a hole.
    [Fact]
    public void Deliver_BeforeTheAnswerToTheSubscribe_IsVisibleAfterIt()
    {
        var delivery = _log.Deliver(new Stamp(E1, 3), "c", A1);
        Assert.False(delivery.Visible!.IsCompleted);
        Assert.Equal(Stamp.None, _log.Topic.Head);

        _log.Topic.Open(Page(A1, TableOf(E1), 2, "b"));

        Assert.True(delivery.Visible.IsCompleted);
        Assert.Equal(new Stamp(E1, 3), _log.Topic.Head);
        Assert.Equal(["1.3 c"], _log.Replay(new Stamp(E1, 2)));
        Assert.True(_log.Topic.Opened.IsCompleted);
    }

    // 10. Without the rule a client would get other messages under offsets that it has.
    [Fact]
    public async Task Deliver_ToAKeeperThatWasLeftOutAndIsAhead_CutsTheRingAndTellsAGap()
    {
        Open(Page(A1, TableOf(E1), 7, "5", "6", "7"));

        var delivery = _log.Deliver(new Stamp(E2, 6), "other 6", A2);
        Assert.NotNull(delivery.Visible);
        await Deadline.UntilAsync("reopen", () => _log.Leader.Calls.Contains("reopen"));
        _log.Topic.Open(Page(A2, After(E1, 5, E2), 6, "other 6"));

        Assert.Equal(["gap 2.5", "2.6 other"], _log.Received);
        Assert.Equal(["gap"], _log.Replay(new Stamp(E1, 7)));
        Assert.Equal(["gap"], _log.Replay(new Stamp(E1, 6)));
        Assert.Equal(["2.6 other"], _log.Replay(new Stamp(E1, 5)));
        Assert.Equal(1, _log.Gateway.Meters.Sum("direct.gateway.gaps"));
    }

    // 11. Without the rule there would be a hole.
    [Fact]
    public async Task Deliver_ToAKeeperThatWasLeftOutAndIsBehind_PullsWhatIsMissing()
    {
        Open(Page(A1, TableOf(E1), 3, "3"));
        _log.Leader.OnFetch = (topic, range) => Task.FromResult(topic.Extend(Page(A2, After(E1, 5, E2), 7, "4", "5", "6", "7"), range));

        _log.Deliver(new Stamp(E2, 7), "7", A2);
        _log.Topic.Open(Page(A2, After(E1, 5, E2), 7, "7"));

        await Deadline.UntilAsync("the pull", () => _log.Topic.Head == new Stamp(E2, 7));
        Assert.Contains("fetch 3", _log.Leader.Calls);
        Assert.Equal(["2.4 4", "2.5 5", "2.6 6", "2.7 7"], _log.Received);
        Assert.Equal(["7"], _log.Original.Texts);
        Assert.Equal(["2.5 5", "2.6 6", "2.7 7"], _log.Replay(new Stamp(E1, 4)));
    }

    // 14. The sequence is lower than that of a later message in another topic of the lane, so the original dialect does not get it.
    [Fact]
    public void Deliver_ARepeatThatIsNewHere_ReachesDirect2()
    {
        Open(Page(A1, TableOf(E1), 0));

        Assert.Equal(new KeptDelivery(0, 1), _log.Deliver(new Stamp(E1, 1), "a", A1, new OriginalShare(0)));

        AssertReceived(["1.1 a"], []);
    }

    // 15. No member that speaks direct.2 has the first delivery: it came before the record began.
    [Fact]
    public void Deliver_UnstampedAndThenStamped_ReachesEachDialectOnce()
    {
        Open(Page(A1, TableOf(E1), 0));

        Assert.Equal(new KeptDelivery(1, 0), _log.Deliver(Stamp.None, "a", A1, sequence: 1));
        Assert.Equal(new KeptDelivery(1, 1), _log.Deliver(new Stamp(E1, 1), "a", A1, new OriginalShare(1)));

        AssertReceived(["1.1 a"], ["a"]);
    }

    // 27. Without the rule its publisher would forget a message that is in no log.
    [Fact]
    public async Task Deliver_AfterAHole_IsNotAcknowledgedBeforeItIsVisible()
    {
        Open(Page(A1, TableOf(E1), 1, "1"));
        var fetched = new TaskCompletionSource<bool>();
        _log.Leader.OnFetch = (_, _) => fetched.Task;

        var delivery = _log.Deliver(new Stamp(E1, 3), "3", A1);
        await Deadline.UntilAsync("the pull", () => _log.Leader.Calls.Contains("fetch 1"));
        Assert.Equal((1, 0, false), (delivery.Original, delivery.Direct2, delivery.Visible!.IsCompleted));
        Assert.Empty(_log.Received);
        Assert.Equal(new Stamp(E1, 1), _log.Topic.Head);
        _log.Topic.Extend(Page(A1, TableOf(E1), 2, "2"), new LogRange(1));
        fetched.SetResult(true);

        await delivery.Visible;
        Assert.Equal(["1.2 2", "1.3 3"], _log.Received);
        Assert.Equal(["3"], _log.Original.Texts);
    }

    // They cannot be evicted, so they must not be more than the process may keep.
    [Fact]
    public void Deliver_AfterAHole_CountsInTheBudgetUntilItIsVisible()
    {
        using var log = new FollowedFixture(bytesPerProcess: 20_000);
        log.Topic.Open(Page(A1, TableOf(E1), 1));
        var before = log.Budget.Bytes;
        log.Deliver(new Stamp(E1, 3), new string('3', 1000), A1);
        Assert.InRange(log.Budget.Bytes - before, 1000, 2000);

        for (var offset = 4; offset <= 100; offset++)
        {
            log.Deliver(new Stamp(E1, offset), new string('x', 1000), A1);
        }

        Assert.InRange(log.Budget.Bytes, 19_000, 22_000);
        log.Topic.Extend(Page(A1, TableOf(E1), 100, [.. Enumerable.Range(2, 99).Select(static offset => $"{offset}")]), new LogRange(1));

        Assert.Equal(new Stamp(E1, 100), log.Topic.Head);
        Assert.Equal(99, log.Replay(new Stamp(E1, 1)).Length);
        log.Topic.Retire();
        Assert.Equal(KeepBudget.TicketBytes, log.Budget.Bytes);
    }

    // 28. Without the rule the count in the receipt would be too low.
    [Fact]
    public void Deliver_ARepeatOfWhatAPullHasBrought_CountsWhoGotItThen()
    {
        Open(Page(A1, TableOf(E1), 1, "1"));
        _log.Topic.Extend(Page(A1, TableOf(E1), 2, "2"), new LogRange(1));

        Assert.Equal(new KeptDelivery(1, 1), _log.Deliver(new Stamp(E1, 2), "2", A1));

        AssertReceived(["1.2 2"], ["2"]);
    }

    // 31. Without the ballot each first join of a busy topic would be told of a gap.
    [Fact]
    public void Deliver_UnstampedByTheLeaderOfTheLog_ReachesTheOriginalDialectOnly()
    {
        Open(Page(A1, TableOf(E1), 1, "1"));

        _log.Deliver(Stamp.None, "accepted before", A1, sequence: 9);
        _log.Deliver(new Stamp(E1, 2), "2", A1);

        AssertReceived(["1.2 2"], ["accepted before", "2"]);
        Assert.DoesNotContain("reopen", _log.Leader.Calls);
    }

    // 38. Without the rule the message would be lost for members that speak direct.2, and so would all that follow it.
    [Fact]
    public void Deliver_UnstampedByTheLeaderAfterItHasEndedTheLog_BreaksTheRing()
    {
        Open(Page(A1, TableOf(E1), 1, "1") with { EndedLogs = 2 });
        _log.Deliver(Stamp.None, "accepted before", A1, sequence: 9, endedLogs: 2);
        Assert.Empty(_log.Received);

        Assert.Equal(new KeptDelivery(2, 0), _log.Deliver(Stamp.None, "x", A1, sequence: 10, endedLogs: 3));

        AssertReceived(["gap 0", "0 x"], ["accepted before", "x"]);
        Assert.Equal(["reopen"], _log.Leader.Calls);
    }

    // 42. The gateway begins to keep the topic when its former log has ended, and a message of that one is still on its way.
    [Fact]
    public void Deliver_StampedInALogThatTheLeaderHadEndedBefore_ReachesTheOriginalDialectAndIsAcknowledged()
    {
        Open(Page(A1, TableOf(E2), 1, "1") with { EndedLogs = 1 });

        var delivery = _log.Deliver(new Stamp(E1, 5), "of the former log", A1, sequence: 9, endedLogs: 0);

        Assert.Equal(new KeptDelivery(1, 0), delivery);
        AssertReceived([], ["of the former log"]);
        Assert.Empty(_log.Leader.Calls);
        _log.Deliver(new Stamp(E2, 2), "2", A1, endedLogs: 1);
        AssertReceived(["2.2 2"], ["of the former log", "2"]);
    }

    // 38. The keeper was left out of the recovery of the leader, and has fetched the log; its subscription is late, and the log ends without it.
    [Fact]
    public void Deliver_UnstampedAfterThePulledLogHasEnded_BreaksTheRing()
    {
        Open(Page(A1, TableOf(E1), 1, "1") with { EndedLogs = 5 });
        _log.Topic.Extend(Page(A2, After(E1, 1, E2), 2, "2"), new LogRange(1));

        _log.Deliver(Stamp.None, "x", A2, sequence: 10, endedLogs: 1);

        AssertReceived(["2.2 2", "gap 0", "0 x"], ["x"]);
    }

    [Fact]
    public void Deliver_UnstampedByAnotherLeader_BreaksTheRing()
    {
        Open(Page(A1, TableOf(E1), 1, "1"));

        Assert.Equal(new KeptDelivery(2, 0), _log.Deliver(Stamp.None, "x", A2, sequence: 9));

        AssertReceived(["gap 0", "0 x"], ["x"]);
        Assert.Equal(["reopen"], _log.Leader.Calls);
        Assert.Equal(["gap"], _log.Replay(new Stamp(E1, 1)));
        _log.Topic.Open(Page(A2, TableOf(E2), 4, "4"));
        _log.Deliver(new Stamp(E2, 5), "5", A2);
        Assert.Equal(["gap 0", "0 x", "gap 2.4", "2.5 5"], _log.Received);
        Assert.Equal(1, _log.Gateway.Meters.Sum("direct.gateway.gaps"));
    }

    // 37. Without the rule the repeat would have a void offset, and be lost.
    [Fact]
    public void Deliver_RefusedForWantOfIdsAndThenAccepted_ReachesEachDialectOnce()
    {
        Open(Page(A1, TableOf(E1), 0));

        Assert.Equal(new KeptDelivery(0, 1), _log.Deliver(new Stamp(E1, 1), "a", A1, new OriginalShare(0)));
        Assert.Equal(new KeptDelivery(1, 1), _log.Deliver(new Stamp(E1, 1), "a", A1));

        AssertReceived(["1.1 a"], ["a"]);
        Assert.Equal(["1.1 a"], _log.Replay(new Stamp(E1, 0)));
    }

    [Fact]
    public void Deliver_RefusedBecauseItsIdWasUsed_KeepsItsOffsetAndIsForNobody()
    {
        Open(Page(A1, TableOf(E1), 0));

        Assert.Equal(new KeptDelivery(0, 0), _log.Deliver(new Stamp(E1, 1), "a", A1, new OriginalShare(0, IsVoid: true)));
        _log.Deliver(new Stamp(E1, 2), "b", A1);

        AssertReceived(["1.2 b"], ["b"]);
        Assert.Equal(["1.2 b"], _log.Replay(new Stamp(E1, 0)));
    }

    // The refusal is known here only. The page of the leader has the text.
    [Fact]
    public void Extend_WithAMessageThatWasRefusedHere_IsForNobody()
    {
        Open(Page(A1, TableOf(E1), 0));
        _log.Deliver(new Stamp(E1, 2), "b", A1, new OriginalShare(0, IsVoid: true));

        _log.Topic.Extend(Page(A1, TableOf(E1), 2, "a", "b"), new LogRange(0));

        Assert.Equal(["1.1 a"], _log.Received);
        Assert.Equal(["1.1 a"], _log.Replay(new Stamp(E1, 0)));
    }

    [Fact]
    public void Deliver_AKnownSequenceUnderAnotherOffset_ReachesNobodyAgain()
    {
        Open(Page(A1, TableOf(E1), 0));
        _log.Deliver(new Stamp(E1, 1), "a", A1);

        Assert.Equal(new KeptDelivery(1, 0), _log.Deliver(new Stamp(E1, 2), "a", A1, new OriginalShare(1), sequence: 1));

        AssertReceived(["1.1 a"], ["a"]);
    }

    // The topic was quiet, so what this keeper knows of ids is older than what the leader knows.
    [Fact]
    public void Deliver_AnIdThatTheLeaderHasForgotten_ReachesBothDialects()
    {
        Open(Page(A1, TableOf(E1), 0));
        var id = Guid.NewGuid();
        _log.Deliver(new Stamp(E1, 1), "a", A1, idHash: id);
        _log.Gateway.Clock.Advance(TimeSpan.FromMinutes(7));

        _log.Deliver(new Stamp(E1, 2), "a", A1, idHash: id);

        AssertReceived(["1.1 a", "1.2 a"], ["a", "a"]);
    }

    [Fact]
    public void Extend_ByALeaderThatHasEvictedWhatIsMissing_TellsAGapAndOpensAgain()
    {
        Open(Page(A1, TableOf(E1), 1, "1"));

        Assert.False(_log.Topic.Extend(Page(A1, TableOf(E1), 9) with { IsEvicted = true, First = 8 }, new LogRange(1)));
        Assert.Contains("reopen", _log.Leader.Calls);
        _log.Topic.Open(Page(A1, TableOf(E1), 9, "9"));
        _log.Deliver(new Stamp(E1, 10), "10", A1);

        Assert.Equal(["gap 1.9", "1.10 10"], _log.Received);
        Assert.Equal(1, _log.Gateway.Meters.Sum("direct.gateway.gaps", "cause=evicted"));
    }

    // A message without a place comes after what is missing, so members must know of that before.
    [Fact]
    public void Deliver_UnstampedWhileTheLogIsBroken_TellsTheGapBefore()
    {
        Open(Page(A1, TableOf(E1), 1, "1"));
        _log.Topic.Extend(Page(A1, TableOf(E1), 9) with { IsEvicted = true, First = 8 }, new LogRange(1));
        Assert.Empty(_log.Received);

        _log.Deliver(Stamp.None, "x", A2, sequence: 9);
        _log.Deliver(Stamp.None, "y", A2, sequence: 10);

        Assert.Equal(["gap 0", "0 x", "0 y"], _log.Received);
        Assert.Equal(1, _log.Gateway.Meters.Sum("direct.gateway.gaps", "cause=evicted"));
    }

    // A topic whose record ended and began again has another log.
    [Fact]
    public void Open_WithATableWithoutACommonEpoch_TellsAGap()
    {
        Open(Page(A1, TableOf(E1), 3, "3"));

        _log.Topic.Open(Page(A1, TableOf(E2), 1, "a"));

        Assert.Equal(["gap 2.1"], _log.Received);
        Assert.Equal(["gap"], _log.Replay(new Stamp(E1, 1)));
    }

    [Fact]
    public async Task Install_ByALeaderWhoseLogIsLonger_PullsTheRest()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        _log.Leader.OnFetch = (topic, range) => Task.FromResult(topic.Extend(Page(A2, After(E1, 7, E2), 7, "6", "7"), range));

        Assert.True(_log.Topic.Install(A2, After(E1, 7, E2), 7));

        await Deadline.UntilAsync("the pull", () => _log.Topic.Head == new Stamp(E2, 7));
        Assert.Equal(["2.6 6", "2.7 7"], _log.Received);
    }

    [Fact]
    public void OpenWithoutLog_ForAnOldSilo_LetsMessagesComeAndAsksOnceAMinute()
    {
        _log.Topic.OpenWithoutLog();
        _log.Join();

        _log.Deliver(Stamp.None, "a", ballot: null, sequence: 1);
        _log.Gateway.Clock.Advance(TimeSpan.FromSeconds(59));
        _log.Deliver(Stamp.None, "b", ballot: null, sequence: 2);
        Assert.Empty(_log.Leader.Calls);
        _log.Gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        _log.Deliver(Stamp.None, "c", ballot: null, sequence: 3);

        Assert.Equal(["reopen"], _log.Leader.Calls);
        AssertReceived(["0 a", "0 b", "0 c"], ["a", "b", "c"]);
        Assert.Equal(["gap"], _log.Replay(new Stamp(E1, 1)));
        Assert.Equal(PositionStatus.Unknown, _log.Topic.Check(new Stamp(E1, 1)));
        Assert.True(_log.Topic.Opened.IsCompleted);
    }

    // Epochs leave the table some minutes after their end, also if their last message is the last one of all.
    [Fact]
    public async Task Install_InAQuietTopic_TellsMembersTheirPositionInTheNewEpoch()
    {
        Open(Page(A1, TableOf(E1), 3, "3"));
        _log.Gateway.Wheel.Start();

        _log.Topic.Install(A2, After(E1, 3, E2), 3);

        await Deadline.UntilAsync("the position", () =>
        {
            _log.Gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return _log.Received.Length > 0;
        });
        Assert.Equal(["at 2.3"], _log.Received);
        Assert.Empty(_log.Original.Texts);
    }

    [Fact]
    public void Install_BeforeTheTopicIsOpen_IsRefused() => Assert.False(_log.Topic.Install(A2, TableOf(E2), 7));

    // Regression test: the budget has tickets of the messages of an earlier log, and their offsets are higher than those of the next one.
    [Fact]
    public void Trim_TicketsOfALogThatWasBroken_EvictNothingOfTheNext()
    {
        Open(Page(A1, TableOf(E1), 7, "6", "7"));
        _log.Gateway.Clock.Advance(TimeSpan.FromSeconds(100));
        _log.Topic.Open(Page(A1, TableOf(E2), 2, "1", "2"));
        _log.Gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        _log.Gateway.Wheel.CatchUp();
        _log.Deliver(new Stamp(E2, 3), "3", A1);

        _log.Gateway.Clock.Advance(TimeSpan.FromSeconds(100));
        _log.Budget.Trim(int.MaxValue);
        Assert.Equal(["2.1 1", "2.2 2", "2.3 3"], _log.Replay(new Stamp(E2, 0)));

        _log.Gateway.Clock.Advance(TimeSpan.FromSeconds(19));
        _log.Budget.Trim(int.MaxValue);
        Assert.Equal(["gap"], _log.Replay(new Stamp(E2, 0)));
        Assert.Equal(["2.3 3"], _log.Replay(new Stamp(E2, 2)));
    }

    [Fact]
    public void Retire_WithMessagesAndIds_ReleasesEverythingFromTheBudget()
    {
        Open(Page(A1, TableOf(E1), 2, "1", "2"));
        _log.Deliver(new Stamp(E1, 3), "3", A1, idHash: Guid.NewGuid());
        Assert.True(_log.Budget.Bytes > 2 * TopicRing.EntryBytes);

        _log.Topic.Retire();

        Assert.Equal(KeepBudget.TicketBytes, _log.Budget.Bytes);
        Assert.False(_log.Topic.TryDeliver(default, "x"u8, default, default, out _));
    }

    // A leader that forgets ids begins a log without a common epoch. What it has sent before is repeated with the old one, also in the same call.
    [Fact]
    public void Deliver_ARepeatOfALogThatTheLeaderHasEnded_IsAcknowledged()
    {
        Open(Page(A1, TableOf(E1), 0));
        _log.Deliver(new Stamp(E1, 1), "a", A1);
        Assert.NotNull(_log.Deliver(new Stamp(E2, 2), "b", A1).Visible);
        _log.Topic.Open(Page(A1, TableOf(E2), 2, "a", "b"));

        Assert.Null(_log.Deliver(new Stamp(E1, 1), "a", A1, new OriginalShare(1)).Visible);
        Assert.Null(_log.Deliver(new Stamp(E2, 2), "b", A1, new OriginalShare(1)).Visible);

        AssertReceived(["1.1 a", "gap 2.2"], ["a", "b"]);
    }

    private void AssertReceived(string[] direct2, string[] original)
    {
        Assert.Equal(direct2, _log.Received);
        Assert.Equal(original, _log.Original.Texts);
    }

    private void Open(LogPage page)
    {
        _log.Topic.Open(page with { First = page.Head - page.Entries.Count + 1 });
        _log.Join();
    }
}
