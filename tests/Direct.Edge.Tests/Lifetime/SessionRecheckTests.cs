using Direct.Edge.Identity;
using Direct.Edge.Lifetime;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Lifetime;

public sealed class SessionRecheckTests : IAsyncDisposable
{
    private const string Rechecks = "direct.gateway.sessions.rechecks";

    private readonly TestGateway _gateway;
    private readonly FakeSessionStore _store;
    private readonly SessionRecheck _recheck;
    private Func<string, ValueTask<Session>> _find = token => ValueTask.FromResult(new Session(SessionStatus.Known, token.Length));

    public SessionRecheckTests()
    {
        _store = new FakeSessionStore((token, _) => _find(token));
        _gateway = new TestGateway { Store = _store };
        _gateway.Node.Environment = "production";
        _ = _gateway.Hub;
        _recheck = new SessionRecheck(
            _gateway.StoreInUse,
            _gateway.Registry,
            _gateway.Metrics,
            Options.Create(_gateway.Sessions),
            _gateway.Clock,
            _gateway.Logger.For<SessionRecheck>());
    }

    public async ValueTask DisposeAsync()
    {
        await _recheck.StopAsync(CancellationToken.None);
        _recheck.Dispose();
        _gateway.Dispose();
    }

    [Theory]
    [InlineData(SessionStatus.Unknown, 0, 4009)]
    [InlineData(SessionStatus.Known, 99, 4009)]
    [InlineData(SessionStatus.Known, 0, 4009)]
    [InlineData(SessionStatus.Blocked, 5, 4501)]
    [InlineData(SessionStatus.Blocked, 99, 4009)]
    public async Task Round_SessionThatHasChanged_IsClosedWithItsCode(SessionStatus status, long user, int code)
    {
        var client = await EnterAsync("token");

        await RoundAsync(new Session(status, user));

        Assert.Equal(code, client.Transport.Close?.Code);
    }

    [Theory]
    [InlineData(SessionStatus.Known)]
    [InlineData(SessionStatus.Unavailable)]
    public async Task Round_SessionThatLivesOrCannotBeLookedUp_StaysOpen(SessionStatus status)
    {
        var client = await EnterAsync("token");

        await RoundAsync(new Session(status, 5));

        Assert.Null(client.Connection.CloseReason);
        Assert.Equal(1, _gateway.Meters.Sum(Rechecks, status is SessionStatus.Known ? "outcome=kept" : "outcome=unavailable"));
    }

    [Fact]
    public async Task Round_BlockedUserWhereThatIsAllowed_StaysOpen()
    {
        _gateway.Sessions.AllowBlocked = true;
        var client = await EnterAsync("token");

        await RoundAsync(new Session(SessionStatus.Blocked, 5));

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Round_AfterOneThatFailed_ClosesWhatHasEnded()
    {
        var client = await EnterAsync("token");
        await RoundAsync(new Session(SessionStatus.Unavailable));

        await RoundAsync(new Session(SessionStatus.Unknown));

        Assert.Equal(4009, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Round_StoreThatThrows_ClosesNobodyAndTheNextRoundComes()
    {
        _gateway.Logger.ExpectsErrors = true;
        var client = await EnterAsync("token");
        await RoundAsync(_ => throw new InvalidDataException("an error of the store"));
        Assert.Null(client.Connection.CloseReason);

        await RoundAsync(new Session(SessionStatus.Unknown));

        Assert.Equal(4009, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task Round_StoreThatHangs_IsGivenUpAfterTheTimeout()
    {
        var client = await EnterAsync("token");
        var round = RoundAsync(_ => new ValueTask<Session>(new TaskCompletionSource<Session>().Task));
        Assert.False(round.IsCompleted);

        _gateway.Clock.Advance(_gateway.Sessions.Timeout);
        await Deadline.RunAsync("the round is given up", async token => await round.WaitAsync(token));

        Assert.Null(client.Connection.CloseReason);
    }

    [Fact]
    public async Task Round_ManyConnections_AsksForManyAtOnce()
    {
        for (var i = 0; i < (2 * SessionRecheck.BatchSize) + 1; i++)
        {
            await EnterAsync("token");
        }

        await RoundAsync(new Session(SessionStatus.Known, 5));

        Assert.Equal([SessionRecheck.BatchSize, SessionRecheck.BatchSize, 1], _store.Batches);
    }

    // During an outage a round must not wait for the timeout of every batch.
    [Fact]
    public async Task Round_FirstBatchCannotBeLookedUp_LeavesTheRestForTheNext()
    {
        for (var i = 0; i <= SessionRecheck.BatchSize; i++)
        {
            await EnterAsync("token");
        }

        await RoundAsync(new Session(SessionStatus.Unavailable));

        Assert.Equal([SessionRecheck.BatchSize], _store.Batches);
    }

    [Fact]
    public async Task Round_AnonymousAndUnidentifiedConnections_AreNotLookedUp()
    {
        _find = _ => ValueTask.FromResult(new Session(SessionStatus.Unknown));
        var anonymous = await _gateway.EnterAsync();
        _find = token => ValueTask.FromResult(new Session(SessionStatus.Known, token.Length));
        var unidentified = _gateway.Connect();
        await EnterAsync("token");

        await RoundAsync(new Session(SessionStatus.Unknown));

        Assert.Equal([1], _store.Batches);
        Assert.Equal((null, null), (anonymous.Connection.CloseReason, unidentified.Connection.CloseReason));
    }

    /// <summary>Tests a session that its client replaces while the old one is looked up. The result must not be applied to the new one.</summary>
    [Fact]
    public async Task Round_SessionThatWasReplacedDuringTheLookUp_IsNotClosed()
    {
        var client = _gateway.ConnectDirect2();
        await client.SendTextAsync("auth token");
        var looked = new List<string>();

        await RoundAsync(async token =>
        {
            looked.Add(token);
            if (token == "newer")
            {
                return new Session(SessionStatus.Known, 5);
            }

            await client.SendTextAsync("auth newer");
            return new Session(SessionStatus.Unknown);
        });

        Assert.Equal(["token", "newer"], looked);
        Assert.Null(client.Connection.CloseReason);
        await RoundAsync(new Session(SessionStatus.Unknown));
        Assert.Equal(4009, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task ExecuteAsync_SessionThatEnds_IsClosedWithinTheInterval()
    {
        _gateway.Sessions.RecheckInterval = TimeSpan.FromSeconds(10);
        var client = await EnterAsync("token");
        var timers = _gateway.Clock.ArmedTimers;
        await _recheck.StartAsync(CancellationToken.None);
        await Deadline.UntilAsync("it waits for its first round", () => _gateway.Clock.ArmedTimers > timers);
        _gateway.Clock.Advance(_gateway.Sessions.RecheckInterval);
        await Deadline.UntilAsync("the first round", () => _gateway.Meters.Sum(Rechecks, "outcome=kept") >= 1);
        _find = _ => ValueTask.FromResult(new Session(SessionStatus.Unknown));

        await Deadline.UntilAsync("the connection is closed", () =>
        {
            _gateway.Clock.Advance(TimeSpan.FromSeconds(1));
            return client.Transport.Close is not null;
        });

        Assert.Equal(4009, client.Transport.Close?.Code);
    }

    [Fact]
    public async Task ExecuteAsync_TurnedOff_EndsByItself()
    {
        _gateway.Sessions.RecheckInterval = TimeSpan.Zero;
        await _recheck.StartAsync(CancellationToken.None);

        await Deadline.RunAsync("the recheck ends", async token => await _recheck.ExecuteTask!.WaitAsync(token));
    }

    private Task RoundAsync(Session session) => RoundAsync(_ => ValueTask.FromResult(session));

    private Task RoundAsync(Func<string, ValueTask<Session>> find)
    {
        _find = find;
        return _recheck.RoundAsync(_store, CancellationToken.None);
    }

    private async Task<InMemoryClient> EnterAsync(string token)
    {
        var client = _gateway.Connect();
        await client.EnterAsync(token);
        return client;
    }
}
