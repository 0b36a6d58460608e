using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Presence;
using Direct.Edge.Rights;
using Direct.Edge.Tests.Fakes;
using Direct.Edge.Topics;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Presence;

public sealed class RecheckRunsTests : IDisposable
{
    private static readonly Target Room = new(5, 7, 0);

    private readonly HeldSource _source = new();
    private readonly TestGateway _gateway;
    private readonly Guid _id = Guid.NewGuid();
    private readonly RecheckRuns _runs;

    public RecheckRunsTests()
    {
        _gateway = new TestGateway { RightsSource = _source };
        _ = _gateway.Hub;
        _runs = _gateway.NewRechecks(_gateway.Rights);
    }

    public void Dispose()
    {
        _runs.Dispose();
        _gateway.Dispose();
    }

    [Fact]
    public async Task Read_UntilItHasEnded_SaysRunningAndThenWhatItDid()
    {
        await _gateway.JoinAsync(5, 7);
        await _gateway.JoinAsync(5, 8);
        var (stays, leaves) = (await _gateway.JoinAsync(5, 7), await _gateway.JoinAsync(5, 7));

        _source.IsHeld = true;
        Assert.Equal(new RecheckStatus(RecheckState.Running), Read());
        await _source.AskedAsync();
        Assert.Equal(new RecheckStatus(RecheckState.Running), Read());
        _source.Answer(key => key.User == leaves.Connection.UserId ? 0 : 1);

        Assert.Equal(new RecheckStatus(RecheckState.Complete, Checked: 3, Removed: 1), await EndAsync());
        Assert.Equal(1, _source.HeldCalls);
        Assert.Null(stays.Connection.CloseReason);
        Assert.NotNull(leaves.Connection.CloseReason);
    }

    /// <summary>Another call of a backend may have come after another change of rights, so it needs look-ups of its own.</summary>
    [Fact]
    public async Task Read_AnotherId_LooksUpAgain()
    {
        await _gateway.JoinAsync(5, 7);
        await BeginAsync();

        _runs.Read(Guid.NewGuid(), Room);

        await Deadline.UntilAsync("the source is asked again", () => _source.HeldCalls == 2);
    }

    /// <summary>Regression test: the answer that removed the member was older than the one with which it had joined again.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_MemberHasLeftAndJoinedAgainMeanwhile_IsNotRemoved(bool speaksDirect2)
    {
        var client = speaksDirect2 ? await _gateway.JoinDirect2Async("5,7") : await _gateway.JoinAsync(5, 7);
        await BeginAsync();
        _source.IsHeld = false;
        await client.SendTextAsync(speaksDirect2 ? "leave 5,7" : "5,8");
        await client.SendTextAsync(speaksDirect2 ? "join 5,7" : "5,7");
        Assert.Equal(1, _gateway.Signal(5, 7, 0, "again"));

        _source.Answer(static _ => 0);

        Assert.Equal(new RecheckStatus(RecheckState.Complete, Checked: 1, Removed: 0), await EndAsync());
        Assert.Equal(1, _gateway.Signal(5, 7, 0, "still"));
        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Read_SourceDoesNotAnswer_IsIncomplete()
    {
        await _gateway.JoinAsync(5, 7);
        await BeginAsync();

        _source.Answer(static _ => null);

        Assert.Equal(new RecheckStatus(RecheckState.Incomplete), await EndAsync());
    }

    [Fact]
    public async Task Read_LookUpFails_IsIncompleteAndLogged()
    {
        _gateway.Logger.ExpectsErrors = true;
        await _gateway.JoinAsync(5, 7);
        await BeginAsync();

        _source.Answer(static _ => throw new InvalidOperationException("the test"));

        Assert.Equal(new RecheckStatus(RecheckState.Incomplete), await EndAsync());
        Assert.Contains(_gateway.Logger.Entries, static entry => entry.EventId == EdgeEventIds.RecheckFailed);
    }

    [Fact]
    public async Task Read_NobodyReadsItAnyMore_IsCancelled()
    {
        await _gateway.JoinAsync(5, 7);
        var cancelled = await BeginAsync();
        _gateway.Clock.Advance(RecheckRuns.AbandonAfter - TimeSpan.FromTicks(1));
        Read();
        _gateway.Clock.Advance(RecheckRuns.AbandonAfter - TimeSpan.FromTicks(1));
        Assert.False(cancelled.IsCancellationRequested);

        _gateway.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.True(cancelled.IsCancellationRequested);
        Assert.Equal(0, _runs.Count);
    }

    [Fact]
    public void Read_RightsAreNotChecked_SaysSo()
    {
        using var runs = _gateway.NewRechecks(_gateway.NewRights(null));

        Assert.Equal(new RecheckStatus(RecheckState.NotChecked), runs.Read(_id, Room).Recheck);
    }

    /// <summary>A silo of the release drops the id. Then all calls would be one.</summary>
    [Fact]
    public void Read_WithoutAnId_HasNoStatus() => Assert.Null(_runs.Read(Guid.Empty, Room).Recheck);

    private RecheckStatus? Read() => _runs.Read(_id, Room).Recheck;

    // Returns the token of its look-up.
    private Task<CancellationToken> BeginAsync()
    {
        _source.IsHeld = true;
        Read();
        return _source.AskedAsync();
    }

    private async Task<RecheckStatus?> EndAsync()
    {
        await Deadline.UntilAsync("the recheck ends", () => Read() is not { State: RecheckState.Running });
        return Read();
    }

    /// <summary>Implements a source that allows everything, until its answers are held and then given by the test.</summary>
    private sealed class HeldSource : IRightsSource
    {
        private readonly TaskCompletionSource<CancellationToken> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<Func<RightsKey, long?>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _heldCalls;

        public string Location => "the test";

        public bool IsUp => true;

        /// <summary>Gets or sets whether look-ups that begin wait for <see cref="Answer"/>.</summary>
        public bool IsHeld { get; set; }

        public int HeldCalls => Volatile.Read(ref _heldCalls);

        /// <summary>Completes with the token of the first look-up that is held.</summary>
        public Task<CancellationToken> AskedAsync() => _asked.Task.WaitAsync(Deadline.Default);

        public void Answer(Func<RightsKey, long?> answer) => _answer.SetResult(answer);

        public async ValueTask<IReadOnlyList<long?>> FindAllAsync(IReadOnlyList<RightsKey> keys, CancellationToken cancellationToken)
        {
            if (!IsHeld)
            {
                return [.. keys.Select(static _ => (long?)RightsAnswer.All.Mask)];
            }

            Interlocked.Increment(ref _heldCalls);
            _asked.TrySetResult(cancellationToken);
            var answer = await _answer.Task.WaitAsync(cancellationToken);
            return [.. keys.Select(answer)];
        }

        public Task RunAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
