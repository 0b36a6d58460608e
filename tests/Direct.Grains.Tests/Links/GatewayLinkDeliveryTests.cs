using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Links;

public sealed class GatewayLinkDeliveryTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeObserver _observer = new();
    private readonly RecordingLogger<GatewayLink> _log = new();
    private readonly LinkSettings _settings;
    private readonly GatewayLink _link;
    private long _waiting;

    public GatewayLinkDeliveryTests()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _settings = new LinkSettings(_time, _log) { MaxCallBytes = 1000, Waiting = bytes => Interlocked.Add(ref _waiting, bytes) };
        _link = Link(_observer, _settings);
    }

    [Fact]
    public async Task Send_CallUnderWay_WaitsForItsAnswer()
    {
        _ = _link.Send(One(1));
        await CallAsync(1);
        _ = _link.Send(One(2));
        _ = _link.Send(One(3));
        Assert.Single(_observer.Calls);

        _observer.Answer();
        await CallAsync(2);

        Assert.Equal([2, 3], SequencesOf(_observer.Calls[1]));
        Assert.Equal(1, _observer.CallsUnderWay);
    }

    [Fact]
    public async Task Waiting_SentAnsweredAndAbandoned_CountsWhatIsHeld()
    {
        _ = _link.Send(One(1));
        await CallAsync(1);
        _ = _link.Send(One(2));
        _ = _link.Send(One(3));
        Assert.InRange(_waiting, 300, 1000);

        _observer.Answer();
        await CallAsync(2);
        await Deadline.UntilAsync("one is answered", () => Interlocked.Read(ref _waiting) is >= 200 and < 300);
        _ = _link.Send(One(4));
        _link.Close();
        _observer.Answer();

        await Deadline.UntilAsync("nothing waits", () => Interlocked.Read(ref _waiting) == 0, actual: () => $"{_waiting} bytes");
    }

    [Fact]
    public async Task Send_SeveralWait_EachGetsItsOwnAnswers()
    {
        var first = _link.Send(One(1));
        await CallAsync(1);
        var second = _link.Send(Of(Signal(Room, 2), Signal(Room, 3)));
        var third = _link.Send(One(4));
        _observer.Answer();
        await CallAsync(2);

        _observer.Answer();

        Assert.Equal([1], await ConnectionsAsync(first));
        Assert.Equal([2, 3], await ConnectionsAsync(second));
        Assert.Equal([4], await ConnectionsAsync(third));
    }

    [Fact]
    public async Task Send_MoreWaitsThanACallCarries_IsSplitInOrder()
    {
        _ = _link.Send(One(1));
        await CallAsync(1);
        for (var sequence = 2; sequence <= 6; sequence++)
        {
            _ = _link.Send(One(sequence, bytes: 400)); // the envelope adds about a hundred bytes
        }

        for (var call = 1; call <= 4; call++)
        {
            await CallAsync(call);
            _observer.Answer();
        }

        Assert.Equal([[1L], [2L, 3L], [4L, 5L], [6L]], _observer.Calls.Select(SequencesOf));
    }

    [Fact]
    public async Task Send_BatchLargerThanACall_GoesAlone()
    {
        _ = _link.Send(One(1));
        await CallAsync(1);
        _ = _link.Send(One(2));
        _ = _link.Send(One(3, bytes: 5000));
        _ = _link.Send(One(4));

        for (var call = 1; call <= 4; call++)
        {
            await CallAsync(call);
            _observer.Answer();
        }

        Assert.Equal([[1L], [2L], [3L], [4L]], _observer.Calls.Select(SequencesOf));
    }

    [Theory]
    [InlineData("exception")]
    [InlineData("null")]
    [InlineData("too few answers")]
    public async Task Send_NotAnswered_IsSentAgainBeforeAnythingElse(string outcome)
    {
        var first = _link.Send(One(1));
        await CallAsync(1);
        var second = _link.Send(One(2));
        End(outcome);
        await RetryAsync(_settings.FirstRetryDelay);
        await CallAsync(2);
        _observer.Answer();
        await CallAsync(3);
        _observer.Answer();

        Assert.Equal([1], await ConnectionsAsync(first));
        Assert.Equal([2], await ConnectionsAsync(second));
        Assert.Equal([[1L], [1L], [2L]], _observer.Calls.Select(SequencesOf));
    }

    [Fact]
    public async Task Send_AnswersDoNotFitTheCall_IsLoggedOnceForTheCall()
    {
        var sending = _link.Send(One(1));
        for (var call = 1; call <= 3; call++)
        {
            await CallAsync(call);
            End("too few answers");
            await RetryAsync(_settings.LongestRetryDelay);
        }

        await CallAsync(4);
        _observer.Answer();

        Assert.Equal([1], await ConnectionsAsync(sending));
        Assert.Equal(["Error: Gateway gateway has answered 0 of 1 signals; it counts as a failed try, and they are delivered again"], _log.Entries);
    }

    /// <summary>
    /// Regression test: after an unexpected exception the task of the pump was dropped, and with it all deliveries to this gateway. An exception is
    /// thrown here inside the pump.
    /// </summary>
    [Fact]
    public async Task Send_UnexpectedError_IsTriedAgain()
    {
        var errors = 0;
        var settings = new LinkSettings(_time, _log)
        {
            IsFenced = () => Interlocked.Increment(ref errors) == 1 ? throw new InvalidOperationException("as the test says") : false,
        };
        var sending = Link(_observer, settings).Send(One(1));

        await RetryAsync(settings.FirstRetryDelay);
        await CallAsync(1);
        _observer.Answer();

        Assert.Equal([1], await ConnectionsAsync(sending));
    }

    [Fact]
    public async Task Send_FailsForLong_IsTriedAtLeastEverySecond()
    {
        var sending = _link.Send(One(1));
        for (var call = 1; call <= 20; call++)
        {
            await CallAsync(call);
            _observer.Fail();
            await RetryAsync(_settings.LongestRetryDelay);
        }

        await CallAsync(21);
        _observer.Answer();

        Assert.Equal([1], await ConnectionsAsync(sending));
    }

    [Fact]
    public async Task Close_Waiting_ComeBackUnanswered()
    {
        _ = _link.Send(One(1));
        await CallAsync(1);
        var waiting = _link.Send(One(2));

        _link.Close();

        Assert.Null(await EndAsync(waiting));
    }

    [Fact]
    public async Task Close_CallUnderWayFails_ComesBackUnanswered()
    {
        var sending = _link.Send(One(1));
        await CallAsync(1);
        _link.Close();
        _observer.Fail();
        await RetryAsync(_settings.FirstRetryDelay);

        Assert.Null(await EndAsync(sending));
        Assert.Single(_observer.Calls);
    }

    /// <summary>Tests a call to a gateway that has left and never responds. Silos and backends must not wait for its timeout.</summary>
    [Fact]
    public async Task Close_CallUnderWayIsNeverAnswered_ComesBackUnanswered()
    {
        var sending = _link.Send(One(1));
        await CallAsync(1);

        _link.Close();

        Assert.Null(await EndAsync(sending));
    }

    [Fact]
    public async Task Close_CallUnderWayIsAnsweredLater_IsNoError()
    {
        var sending = _link.Send(One(1));
        await CallAsync(1);
        _link.Close();

        _observer.Answer();

        Assert.Null(await EndAsync(sending));
        Assert.Null(await _link.Send(One(2)));
    }

    [Fact]
    public async Task Close_WhileWaitingForARetry_SendsNothingMore()
    {
        var sending = _link.Send(One(1));
        await CallAsync(1);
        _observer.Fail();
        await Deadline.UntilAsync("a retry is due", () => _time.ArmedTimers > 0);
        _link.Close();

        _time.Advance(_settings.FirstRetryDelay);

        Assert.Null(await EndAsync(sending));
        Assert.Single(_observer.Calls);
    }

    [Fact]
    public async Task Send_Closed_ComesBackAtOnce()
    {
        _link.Close();

        var sending = _link.Send(One(1));

        Assert.True(sending.IsCompletedSuccessfully);
        Assert.Null(await sending);
        Assert.Empty(_observer.Calls);
    }

    [Fact]
    public async Task IsSlow_UnansweredForAWhile_IsTrueUntilAnswered()
    {
        var sending = _link.Send(One(1));
        await CallAsync(1);
        _time.Advance(_settings.SlowAfter);
        Assert.False(_link.IsSlow(Lane.Of(Room)));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(_link.IsSlow(Lane.Of(Room)));

        _observer.Answer();
        await sending;

        Assert.False(_link.IsSlow(Lane.Of(Room)));
    }

    [Fact]
    public async Task IsUnresponsive_UnansweredForOverASecond_IsTrueThroughEveryTry()
    {
        var sending = _link.Send(One(1));
        await CallAsync(1);
        _time.Advance(_settings.UnresponsiveAfter);
        Assert.Equal((true, false), (_link.IsSlow(Lane.Of(Room)), _link.IsUnresponsive(Lane.Of(Room))));
        _observer.Fail();
        await RetryAsync(_settings.FirstRetryDelay);
        await CallAsync(2);
        Assert.Equal((true, true), (_link.IsSlow(Lane.Of(Room)), _link.IsUnresponsive(Lane.Of(Room))));

        _observer.Answer();
        await sending;

        Assert.Equal((false, false), (_link.IsSlow(Lane.Of(Room)), _link.IsUnresponsive(Lane.Of(Room))));
    }

    /// <summary>Tests a fenced silo. After a freeze the other silos have already delivered the batches that it still holds.</summary>
    [Fact]
    public async Task Send_SiloIsFenced_HandsOverNothingUntilItIsNot()
    {
        var isFenced = true;
        var link = Link(_observer, _settings with { IsFenced = () => Volatile.Read(ref isFenced) });
        var sending = link.Send(One(1));
        await RetryAsync(_settings.FirstRetryDelay);
        await Deadline.UntilAsync("it looks again", () => _time.ArmedTimers > 0);
        Assert.Empty(_observer.Calls);

        Volatile.Write(ref isFenced, false);
        await RetryAsync(_settings.FirstRetryDelay);
        await CallAsync(1);
        _observer.Answer();

        Assert.Equal([1], await ConnectionsAsync(sending));
    }

    /// <summary>Tests that several calls are under way at once, but never two with batches of one lane.</summary>
    [Fact]
    public async Task Send_SeveralObservers_OtherLanesGoMeanwhile()
    {
        var other = new FakeObserver();
        var link = new GatewayLink(new GatewayEntry(Guid.NewGuid(), "gateway", [other, _observer]), _settings);
        _ = link.Send(Of(Signal(User(1), 1)));
        await CallAsync(1);

        _ = link.Send(Of(Signal(User(1), 2)));
        _ = link.Send(Of(Signal(User(2), 3)));
        await Deadline.UntilAsync("the other lane is under way", () => other.CallsUnderWay == 1);
        Assert.Equal([3], SequencesOf(Assert.Single(other.Calls)));
        _observer.Answer();
        await CallAsync(2);

        Assert.Equal([2], SequencesOf(_observer.Calls[1]));
    }

    /// <summary>Tests senders on many threads while the pump ends again and again: no delivery may be left over.</summary>
    [Fact]
    public async Task Send_FromManyThreads_IsAllAnsweredInEachOnesOrder()
    {
        var observer = new EchoObserver();
        var link = Link(observer, _settings);

        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            for (var i = 1; i <= 500; i++)
            {
                Assert.Equal([sender], await ConnectionsAsync(link.Send(Of(Signal(User(sender), i)))));
            }
        }));
        await Task.WhenAll(senders);

        for (var sender = 0; sender < 4; sender++)
        {
            Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), observer.Received.Where(signal => signal.User == sender).Select(signal => signal.Sequence));
        }
    }

    private static GatewayLink Link(IGatewayObserver observer, LinkSettings settings) =>
        new(new GatewayEntry(Guid.NewGuid(), "gateway", [observer]), settings);

    private static IEnumerable<long> SequencesOf(SignalBatch[] call) => call.SelectMany(batch => batch.Signals).Select(signal => signal.Sequence);

    private static Task<GatewayAnswer[]?> EndAsync(Task<GatewayAnswer[]?> sending) =>
        Deadline.RunAsync("the answers", token => new ValueTask<GatewayAnswer[]?>(sending.WaitAsync(token)));

    private static async Task<IEnumerable<int>> ConnectionsAsync(Task<GatewayAnswer[]?> sending) =>
        (await EndAsync(sending))!.Select(answer => answer.Connections);

    private Task CallAsync(int number) =>
        Deadline.UntilAsync($"call {number}", () => _observer.Calls.Count >= number && _observer.CallsUnderWay > 0, actual: () => $"{_observer.Calls.Count} calls");

    private async Task RetryAsync(TimeSpan delay)
    {
        await Deadline.UntilAsync("a retry is due", () => _time.ArmedTimers > 0);
        _time.Advance(delay);
    }

    private void End(string outcome)
    {
        switch (outcome)
        {
            case "exception":
                _observer.Fail();
                break;
            case "null":
                _observer.AnswerWith(null);
                break;
            default:
                _observer.AnswerWith([]);
                break;
        }
    }

    private sealed class EchoObserver : IGatewayObserver
    {
        public List<(long User, long Sequence)> Received { get; } = [];

        public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => throw new NotSupportedException();

        public Task<RecoverAnswer[]?> RecoverAsync(RecoverRequest[] requests) => throw new NotSupportedException();

        public Task<TailPage> ReadKeptAsync(FetchRequest request) => throw new NotSupportedException();

        public Task<bool> KeepAsync(KeepRequest[] requests) => throw new NotSupportedException();

        public Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
        {
            var signals = batches.SelectMany(batch => batch.Signals).ToList();
            Received.AddRange(signals.Select(signal => (signal.Topic.Id, signal.Sequence)));
            return Task.FromResult<GatewayAnswer[]?>([.. signals.Select(signal => new GatewayAnswer(default, (int)signal.Topic.Id, true, 1))]);
        }
    }
}
