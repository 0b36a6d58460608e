using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Grains.Tests.Links;

public sealed class GatewayLinkRecoverTests
{
    private static readonly Ballot Ballot = new(1, Guid.NewGuid());

    private readonly FakeObserver _observer = new();
    private readonly ManualTimeProvider _time = new();
    private readonly GatewayLink _link;
    private readonly List<(RecoverRequest[] Requests, TaskCompletionSource<RecoverAnswer[]?> Answer)> _calls = [];

    public GatewayLinkRecoverTests()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _link = new GatewayLink(new GatewayEntry(Guid.NewGuid(), "a", [_observer], Keeps: true), new LinkSettings(_time, NullLogger.Instance));
        _observer.OnRecover = requests =>
        {
            var answer = new TaskCompletionSource<RecoverAnswer[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_calls)
            {
                _calls.Add((requests, answer));
            }

            return answer.Task;
        };
    }

    [Fact]
    public async Task Recover_OneLane_IsAnswered()
    {
        var asking = Ask(1);
        await CallsAsync(1);

        AnswerCall(0);

        Assert.Equal(LaneOf(1), (await EndAsync(asking))?.Lane);
    }

    /// <summary>Tests the lanes that start while a call is in flight. They share the next call: a call for each would be thousands when a silo dies.</summary>
    [Fact]
    public async Task Recover_WhileACallIsInFlight_GoesIntoTheNextTogether()
    {
        var first = Ask(1);
        await CallsAsync(1);
        var others = new[] { Ask(2), Ask(3) };
        Assert.Single(_calls);

        AnswerCall(0);
        await EndAsync(first);
        await CallsAsync(2);
        AnswerCall(1);

        Assert.Equal([LaneOf(2), LaneOf(3)], [(await EndAsync(others[0]))?.Lane, (await EndAsync(others[1]))?.Lane]);
        Assert.Equal([LaneOf(2), LaneOf(3)], _calls[1].Requests.Select(static request => request.Lane));
    }

    [Fact]
    public async Task Recover_MoreThanACallTakes_AreDividedAmongSeveral()
    {
        var first = Ask(0);
        await CallsAsync(1);
        var others = Enumerable.Range(1, RecoverCalls.MaxLanes + 1).Select(at => Ask(at)).ToList();

        AnswerCall(0);
        await EndAsync(first);
        await CallsAsync(2);
        AnswerCall(1);
        await CallsAsync(3);
        AnswerCall(2);

        Assert.Equal([1, RecoverCalls.MaxLanes, 1], _calls.Select(static call => call.Requests.Length));
        Assert.All(await EndAsync(Task.WhenAll(others)), Assert.NotNull);
    }

    [Fact]
    public async Task Recover_GivenUpBeforeItIsSent_IsNotSent()
    {
        using var givenUp = new CancellationTokenSource();
        var first = Ask(1);
        await CallsAsync(1);
        var second = AskUntil(2, givenUp.Token);
        var third = Ask(3);

        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        AnswerCall(0);
        await EndAsync(first);
        await CallsAsync(2);

        Assert.Equal(LaneOf(3), Assert.Single(_calls[1].Requests).Lane);
        AnswerCall(1);
        await EndAsync(third);
    }

    [Fact]
    public async Task Recover_CallFails_HasNoAnswerAndTheNextIsMade()
    {
        var first = Ask(1);
        await CallsAsync(1);
        _calls[0].Answer.SetException(new IOException("as the test says"));
        Assert.Null(await EndAsync(first));

        var second = Ask(2);
        await CallsAsync(2);
        AnswerCall(1);

        Assert.NotNull(await EndAsync(second));
    }

    [Fact]
    public async Task Recover_GatewayIsFenced_HasNoAnswer()
    {
        var asking = Ask(1);
        await CallsAsync(1);

        _calls[0].Answer.SetResult(null);

        Assert.Null(await EndAsync(asking));
    }

    [Fact]
    public async Task Recover_AnswersOfAnotherNumber_HaveNoAnswer()
    {
        var asking = Ask(1);
        await CallsAsync(1);

        _calls[0].Answer.SetResult([]);

        Assert.Null(await EndAsync(asking));
    }

    [Fact]
    public async Task Recover_GatewayHangs_IsAskedEachSecondAndGivenUpAfterFour()
    {
        var asking = Ask(1);
        for (var call = 1; call <= 4; call++)
        {
            await CallsAsync(call);
            Assert.False(asking.IsCompleted);
            await PassASecondAsync();
        }

        Assert.Null(await EndAsync(asking));
        Assert.Equal(4, _calls.Count);
    }

    /// <summary>Tests a gateway that is so busy that it answers late. A repeat comes even later, so the first answer counts, whichever call it belongs to.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Recover_AnswerIsLate_TheFirstOneCounts(int answered)
    {
        var asking = Ask(1);
        await CallsAsync(1);
        await PassASecondAsync();
        await CallsAsync(2);

        AnswerCall(answered);

        Assert.Equal(LaneOf(1), (await EndAsync(asking))?.Lane);
    }

    /// <summary>Tests the lanes that wait behind a gateway that hangs: they see that it is unresponsive, and are not awaited for four seconds each.</summary>
    [Fact]
    public async Task IsUnresponsive_WhileCallsTimeOut_UntilOneIsAnswered()
    {
        var first = Ask(1);
        await CallsAsync(1);
        var second = Ask(2);
        Assert.False(_link.IsUnresponsive());
        await PassASecondAsync();
        await CallsAsync(2);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(_link.IsUnresponsive());

        AnswerCall(1);
        await EndAsync(first);
        await CallsAsync(3);
        AnswerCall(2);
        await EndAsync(second);
        Assert.False(_link.IsUnresponsive());
    }

    [Fact]
    public async Task IsUnresponsive_ADeliveryOfAnyLaneHangs_IsTrue()
    {
        _ = _link.Send(Batches.One(1));
        await Deadline.UntilAsync("a call", () => _observer.CallsUnderWay == 1);
        Assert.False(_link.IsUnresponsive());

        _time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.True(_link.IsUnresponsive());
        _link.Close();
    }

    [Fact]
    public async Task Close_WhileQuestionsWait_AnswersNull()
    {
        var first = Ask(1);
        await CallsAsync(1);
        var second = Ask(2);

        _link.Close();

        Assert.Null(await EndAsync(second));
        Assert.Null(await EndAsync(Ask(3)));
        AnswerCall(0);
        Assert.NotNull(await EndAsync(first));
    }

    [Fact]
    public async Task ReadKept_AndKeep_ReturnWhatTheGatewayAnswers()
    {
        var page = new TailPage(TailStatus.Page, null, [], 0, 1, [], HasMore: false);
        _observer.OnRead = _ => Task.FromResult(page);

        Assert.Same(page, await EndAsync(_link.ReadKeptAsync(new FetchRequest(Batches.Room, 0, 1, IsNewestFirst: true, Ballot))));
        Assert.True(await EndAsync(_link.KeepAsync([])));
    }

    [Fact]
    public async Task ReadKept_AndKeep_GatewayHangs_AreGivenUpAfterASecond()
    {
        _observer.OnRead = static _ => new TaskCompletionSource<TailPage>().Task;
        _observer.OnKeep = static _ => new TaskCompletionSource<bool>().Task;
        var (reading, keeping) = (_link.ReadKeptAsync(new FetchRequest(Batches.Room, 0, 1, IsNewestFirst: true, Ballot)), _link.KeepAsync([]));
        await Deadline.UntilAsync("both wait", () => _time.ArmedTimers == 2);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TailStatus.NotReady, (await EndAsync(reading)).Status);
        Assert.False(await EndAsync(keeping));
    }

    private async Task PassASecondAsync()
    {
        await Deadline.UntilAsync("a timer is armed", () => _time.ArmedTimers > 0);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private static Lane LaneOf(long group) => new(TopicScope.Group, group, 0);

    private static Task<T> EndAsync<T>(Task<T> task) => Deadline.RunAsync("the answer", token => new ValueTask<T>(task.WaitAsync(token)));

    private Task<RecoverAnswer?> Ask(long group) => AskUntil(group, CancellationToken.None);

    private Task<RecoverAnswer?> AskUntil(long group, CancellationToken cancellationToken) =>
        _link.RecoverAsync(new RecoverRequest(LaneOf(group), Ballot), cancellationToken);

    private Task CallsAsync(int count) => Deadline.UntilAsync($"{count} calls", () =>
    {
        lock (_calls)
        {
            return _calls.Count == count;
        }
    });

    private void AnswerCall(int call) => _calls[call].Answer.SetResult(
        [.. _calls[call].Requests.Select(static request => new RecoverAnswer(request.Lane, request.Ballot, IsPromised: true, [], HasMore: false))]);
}
