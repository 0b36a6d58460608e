using Direct.Edge.Keeping;
using Direct.Keeping;
using Direct.Testing.Time;
using static Direct.Edge.Tests.Resuming.FollowedFixture;

namespace Direct.Edge.Tests.Resuming;

/// <summary>Tests what a keeper asks its leader for when the position of a client needs it. Numbers are those of docs/internals/resume.md.</summary>
public sealed class KeptTopicPullTests : IDisposable
{
    private readonly FollowedFixture _log = new();

    public void Dispose() => _log.Dispose();

    // 17. Without the wait the client would get a message twice, when it arrives here.
    [Fact]
    public async Task Pull_ForAClientThatIsAhead_DecidesItsPosition()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        Answer(range => Page(A1, TableOf(E1), 7, "6", "7"));
        Assert.Equal(PositionStatus.Undecided, _log.Topic.Check(new Stamp(E1, 6)));

        Assert.True(await _log.Topic.PullAsync(new Stamp(E1, 6)));

        Assert.Equal(["1.7 7"], _log.Replay(new Stamp(E1, 6)));
        Assert.Equal(PositionStatus.Undecided, _log.Topic.Check(new Stamp(E1, 8))); // above the head of the leader
    }

    // 19. Without the rule the entries would be of another log.
    [Fact]
    public async Task Pull_AnsweredByALeaderThatHasBeenReplaced_IsNotUsed()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        _log.Topic.Install(A2, After(E1, 5, E2), 5);
        Answer(range => Page(A1, TableOf(E1), 6, "lost"));

        Assert.False(await _log.Topic.PullAsync(new Stamp(E2, 6)));

        Assert.Equal(new Stamp(E2, 5), _log.Topic.Head);
        Assert.Empty(_log.Received);
        await Deadline.UntilAsync("another try", () =>
        {
            _log.Gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return _log.Leader.Calls.Contains("reopen");
        });
    }

    [Fact]
    public async Task Pull_BeforeAnOldSiloHasAnswered_EndsWithItsAnswer()
    {
        var pull = _log.Topic.PullAsync(new Stamp(E1, 6));
        Assert.False(pull.IsCompleted);

        _log.Topic.OpenWithoutLog();

        Assert.True(await pull);
        Assert.Equal(PositionStatus.Unknown, _log.Topic.Check(new Stamp(E1, 6)));
    }

    // 33. A client was away while its gateway was killed, and this one keeps the topic since a moment later.
    [Fact]
    public async Task Pull_ForAClientFromBeforeTheRing_BringsTheTailFirst()
    {
        Answer(range => range.Through switch
        {
            4 => Page(A1, TableOf(E1), 4, "3", "4") with { Head = 5, HasMore = true },
            _ => Page(A1, TableOf(E1), 2, "2") with { Head = 5 },
        });

        _log.Topic.Open(Page(A1, TableOf(E1), 5, "5"));
        await Deadline.UntilAsync("the tail", () => _log.Topic.Check(new Stamp(E1, 1)) is PositionStatus.Covered);

        Assert.Equal(["fetch 0-4", "fetch 0-2"], _log.Leader.Calls);
        Assert.Equal(["1.2 2", "1.3 3", "1.4 4", "1.5 5"], _log.Replay(new Stamp(E1, 1)));
        Assert.Equal(["gap"], _log.Replay(new Stamp(E1, 0))); // the leader does not have it
        Assert.Empty(_log.Received);
    }

    // The gateway asks for the tail as soon as it keeps the topic, so the client comes while that is under way.
    [Fact]
    public async Task Pull_WhileTheTailIsOnItsWay_EndsWithIt()
    {
        var answer = new TaskCompletionSource();
        _log.Leader.OnFetch = async (topic, range) =>
        {
            await answer.Task;
            return topic.Extend(Page(A1, TableOf(E1), 4, "3", "4") with { Head = 5 }, range);
        };
        _log.Topic.Open(Page(A1, TableOf(E1), 5, "5"));
        await Deadline.UntilAsync("the pull", () => _log.Leader.Calls.Contains("fetch 0-4"));

        var pull = _log.Topic.PullAsync(new Stamp(E1, 2));
        answer.SetResult();

        await Deadline.UntilAsync("the tail", () => pull.IsCompleted);
        Assert.Equal(["1.3 3", "1.4 4", "1.5 5"], _log.Replay(new Stamp(E1, 2)));
    }

    // 34. Without the pull a client would get a gap because this gateway is the last one to know the epoch.
    [Fact]
    public async Task Pull_ForAnEpochThatIsNotKnownHere_TakesTheTableOfTheLeader()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        Answer(range => Page(A2, After(E1, 5, E2), 6, "6"));
        Assert.Equal(PositionStatus.Undecided, _log.Topic.Check(new Stamp(E2, 5)));

        Assert.True(await _log.Topic.PullAsync(new Stamp(E2, 5)));

        Assert.Equal(["2.6 6"], _log.Replay(new Stamp(E2, 5)));
        Assert.Equal(["2.6 6"], _log.Received);
    }

    /// <summary>
    /// Tests a keeper that was left out of a recovery, and learns the new epoch by a pull for a client. The leader does not count it as a keeper: when the others have
    /// gone, it would no longer number the messages, and this ring would take them for messages from before the log.
    /// </summary>
    [Fact]
    public async Task Pull_ThatBringsANewEpoch_SubscribesWithKeepAgain()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        Answer(range => Page(A2, After(E1, 5, E2), 6, "6"));

        Assert.True(await _log.Topic.PullAsync(new Stamp(E2, 5)));

        Assert.Contains("reopen", _log.Leader.Calls);
    }

    [Fact]
    public async Task Pull_OfTheSameEpoch_DoesNotSubscribeAgain()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        Answer(range => Page(A1, TableOf(E1), 6, "6"));

        Assert.True(await _log.Topic.PullAsync(new Stamp(E1, 6)));

        Assert.DoesNotContain("reopen", _log.Leader.Calls);
    }

    // Clients write positions, so they must not decide how often the leader is asked.
    [Fact]
    public async Task Pull_ForManyUnknownEpochs_AsksOnceASecond()
    {
        Open(Page(A1, TableOf(E1), 5, "5"));
        Answer(range => Page(A1, TableOf(E1), 5));
        Assert.True(await _log.Topic.PullAsync(new Stamp(7, 5)));

        var later = Enumerable.Range(0, 100).Select(i => _log.Topic.PullAsync(new Stamp(100 + i, 5))).ToList();
        Assert.Equal(["fetch 5"], _log.Leader.Calls);
        Assert.False(later[0].IsCompleted);
        await Deadline.UntilAsync("the next pull", () =>
        {
            _log.Gateway.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return later.TrueForAll(static pull => pull.IsCompleted);
        });

        Assert.Equal(["fetch 5", "fetch 5"], _log.Leader.Calls);
        Assert.Equal(PositionStatus.Undecided, _log.Topic.Check(new Stamp(7, 5)));
    }

    [Fact]
    public void Check_APositionAboveTheEndOfItsEpoch_IsUnknownAtOnce()
    {
        Open(Page(A2, After(E1, 5, E2), 6, "6"));

        Assert.Equal(PositionStatus.Unknown, _log.Topic.Check(new Stamp(E1, 6)));
        Assert.Equal(PositionStatus.Covered, _log.Topic.Check(new Stamp(E1, 5)));
        Assert.Equal(PositionStatus.Unknown, _log.Topic.Check(Stamp.None));
    }

    [Fact]
    public async Task Tail_LongerThanATopicMayKeep_EndsAtTheLimit()
    {
        using var log = new FollowedFixture(bytesPerTopic: 3 * TopicRing.BytesOf(1));
        log.Leader.OnFetch = (topic, range) => Task.FromResult(
            topic.Extend(Page(A1, TableOf(E1), 9, "1", "2", "3", "4", "5", "6", "7", "8", "9") with { HasMore = true }, range));

        log.Topic.Open(Page(A1, TableOf(E1), 10, "0"));

        await Deadline.UntilAsync("the tail", () => log.Topic.Check(new Stamp(E1, 7)) is PositionStatus.Covered);
        Assert.Equal(["1.8 8", "1.9 9", "1.10 0"], log.Replay(new Stamp(E1, 7)));
        Assert.Equal(["gap"], log.Replay(new Stamp(E1, 6)));
        Assert.Equal(["fetch 0-9"], log.Leader.Calls);
    }

    private void Answer(Func<LogRange, LogPage> answer) => _log.Leader.OnFetch = (topic, range) => Task.FromResult(topic.Extend(answer(range), range));

    private void Open(LogPage page)
    {
        _log.Topic.Open(page with { First = page.Head - page.Entries.Count + 1 });
        _log.Join();
    }
}
