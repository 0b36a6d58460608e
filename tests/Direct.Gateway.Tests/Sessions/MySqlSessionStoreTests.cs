using System.Text;
using Direct.Edge.Identity;
using Direct.Gateway.Sessions;

namespace Direct.Gateway.Tests.Sessions;

public sealed class MySqlSessionStoreTests : IAsyncDisposable
{
    private static readonly Session Unavailable = new(SessionStatus.Unavailable);

    private readonly SessionStoreFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task FindAsync_BeforeItRuns_IsAnsweredWhenItDoes()
    {
        var finding = _fixture.FindAsync("token");
        Assert.False(finding.IsCompleted);

        await _fixture.StartAsync();

        Assert.Equal(SessionStatus.Unknown, (await SoonAsync(finding)).Status);
    }

    [Fact]
    public async Task FindUsers_SomeKnown_AreThoseAndStrangersAreNotAskedFor()
    {
        var somebody = new UserInfo("Some Body", "sb", null);
        _fixture.Database.Users[42] = somebody;
        await _fixture.StartAsync();

        var found = await _fixture.Store.FindAsync([42, 43, -7], CancellationToken.None);

        Assert.Equal([KeyValuePair.Create(42L, somebody)], found!);
        Assert.Equal([42, 43], Assert.Single(_fixture.Database.UserQueries));
    }

    [Fact]
    public async Task FindUsers_StrangersOnly_AsksNobody()
    {
        await _fixture.StartAsync();

        Assert.Empty((await _fixture.Store.FindAsync([-7], CancellationToken.None))!);
        Assert.Empty(_fixture.Database.UserQueries);
    }

    [Fact]
    public async Task FindUsers_DatabaseFails_CannotTell()
    {
        await _fixture.StartAsync();
        _fixture.Database.Error = new IOException("gone");

        Assert.Null(await _fixture.Store.FindAsync([42], CancellationToken.None));
    }

    // The queue exists for this: a slow database runs few queries at once, with any number of logins.
    [Fact]
    public async Task FindAsync_TenThousandAtOnce_AreFewQueriesAndFewerAtOnce()
    {
        _fixture.Database.Gate = new TaskCompletionSource();
        await _fixture.StartAsync();

        var finding = Enumerable.Range(0, 10_000).Select(i => _fixture.FindAsync($"token {i}")).ToArray();
        await _fixture.Database.QueriesAsync(2);
        Assert.Equal(2, _fixture.Meters.Sum("direct.gateway.sessions.queries.active"));
        _fixture.Database.Gate.SetResult();
        await SessionStoreFixture.SoonAsync(Task.WhenAll(finding), "ten thousand answers");

        Assert.Equal(2, _fixture.Database.MaxConcurrent);
        Assert.InRange(_fixture.Database.Queries.Count, 100, 102);
        Assert.All(_fixture.Database.Queries, query => Assert.InRange(query.Length, 1, MySqlSessionStore.BatchSize));
        Assert.Equal(0, _fixture.Meters.Sum("direct.gateway.sessions.queries.active"));
    }

    [Fact]
    public async Task FindAsync_OneTokenManyTimesAtOnce_IsOneQuestion()
    {
        _fixture.Database.Sessions["token"] = new Session(SessionStatus.Known, 42);
        _fixture.Database.Gate = new TaskCompletionSource();
        await _fixture.StartAsync();

        var finding = Enumerable.Range(0, 100).Select(_ => _fixture.FindAsync("token")).ToArray();
        _fixture.Database.Gate.SetResult();
        var sessions = await SessionStoreFixture.SoonAsync(Task.WhenAll(finding), "a hundred answers");

        Assert.All(sessions, session => Assert.Equal(new Session(SessionStatus.Known, 42), session));
        Assert.Equal(["token"], Assert.Single(_fixture.Database.Queries));
        Assert.Equal(99, _fixture.Meters.Sum("direct.gateway.sessions.joined"));
    }

    [Fact]
    public async Task FindAsync_TokensThatDifferInABitOfCase_AreTwo()
    {
        _fixture.Database.Sessions["token"] = new Session(SessionStatus.Known, 42);
        await _fixture.StartAsync();

        Assert.Equal((42, 0), ((await FindAsync("token")).UserId, (await FindAsync("Token")).UserId));
    }

    [Fact]
    public async Task FindAsync_SameTokenSoonAfterWithACache_IsNotAskedAgain()
    {
        _fixture.Settings.CacheFor = TimeSpan.FromSeconds(2);
        _fixture.Database.Sessions["token"] = new Session(SessionStatus.Known, 42);
        await _fixture.StartAsync();
        await FindAsync("token");

        Assert.Equal(42, (await FindAsync("token")).UserId);

        Assert.Single(_fixture.Database.Queries);
        Assert.Equal(1, _fixture.Meters.Sum("direct.gateway.sessions.cache.hits"));
    }

    [Theory]
    [InlineData(SessionStatus.Unknown, 0)]
    [InlineData(SessionStatus.Known, 0)]
    [InlineData(SessionStatus.Blocked, 42)]
    public async Task FindAsync_NobodysTokenSoonAfterWithACache_IsAskedAgain(SessionStatus status, long user)
    {
        _fixture.Settings.CacheFor = TimeSpan.FromSeconds(2);
        _fixture.Database.Sessions["token"] = new Session(status, user);
        await _fixture.StartAsync();
        await FindAsync("token");
        _fixture.Database.Sessions["token"] = new Session(SessionStatus.Known, 42);

        Assert.Equal(new Session(SessionStatus.Known, 42), await FindAsync("token"));
    }

    // A blocked user must not log in again through a cached session.
    [Theory]
    [InlineData(SessionStatus.Unknown)]
    [InlineData(SessionStatus.Blocked)]
    public async Task FindAllAsync_SessionThatHasEnded_IsForgottenByTheCacheToo(SessionStatus status)
    {
        _fixture.Settings.CacheFor = TimeSpan.FromSeconds(2);
        _fixture.Database.Sessions["token"] = new Session(SessionStatus.Known, 42);
        await _fixture.StartAsync();
        await FindAsync("token");
        _fixture.Database.Sessions["token"] = new Session(status, 42);

        await _fixture.FindAllAsync("token");

        Assert.Equal(status, (await FindAsync("token")).Status);
    }

    [Fact]
    public async Task FindAllAsync_ManyTokens_IsOneQueryPastTheCache()
    {
        _fixture.Settings.CacheFor = TimeSpan.FromSeconds(2);
        _fixture.Database.Sessions["b"] = new Session(SessionStatus.Known, 42);
        await _fixture.StartAsync();
        await FindAsync("b");

        var sessions = await _fixture.FindAllAsync("a", "b", "c", "b");

        Assert.Equal([0, 42, 0, 42], sessions.Select(session => session.UserId));
        Assert.Equal(2, _fixture.Database.Queries.Count);
    }

    [Fact]
    public async Task FindAsync_DatabaseThatFails_IsUnavailableAndSoIsWhoeverComesNext()
    {
        await _fixture.StartAsync();
        _fixture.Database.Error = new IOException("no table");

        Assert.Equal(Unavailable, await FindAsync("one"));
        Assert.Equal(Unavailable, await FindAsync("two"));

        Assert.Single(_fixture.Database.Queries);
        Assert.Equal("sessions", _fixture.Gate.DegradedReason);
    }

    [Fact]
    public async Task FindAllAsync_DatabaseThatFails_IsUnavailableForEach()
    {
        await _fixture.StartAsync();
        _fixture.Database.Error = new IOException("no table");

        Assert.Equal([Unavailable, Unavailable], await _fixture.FindAllAsync("one", "two"));
        Assert.Equal([Unavailable], await _fixture.FindAllAsync("three"));

        Assert.Single(_fixture.Database.Queries);
    }

    // Look-ups that wait in the queue also get the result, without a query each.
    [Fact]
    public async Task FindAsync_DatabaseThatFailsWithALineBefore_IsUnavailableForTheWholeLine()
    {
        _fixture.Database.Gate = new TaskCompletionSource();
        await _fixture.StartAsync();
        _fixture.Database.Error = new IOException("no table");
        var finding = Enumerable.Range(0, 1000).Select(i => _fixture.FindAsync($"token {i}")).ToArray();
        await _fixture.Database.QueriesAsync(2);

        _fixture.Database.Gate.SetResult();
        var sessions = await SessionStoreFixture.SoonAsync(Task.WhenAll(finding), "a thousand answers");

        Assert.All(sessions, session => Assert.Equal(Unavailable, session));
        Assert.InRange(_fixture.Database.Queries.Count, 2, 3);
    }

    // If the error ended the worker, the token would stay assigned to a look-up without a result, and could not be used again.
    [Fact]
    public async Task FindAsync_OwnError_IsUnavailableAndTheWorkerGoesOn()
    {
        _fixture.Settings.MaxQueries = 1;
        _fixture.Database.Sessions["token"] = new Session(SessionStatus.Known, 42);
        _fixture.Database.IsShort = true;
        await _fixture.StartAsync();
        Assert.Equal(Unavailable, await FindAsync("token"));
        Assert.StartsWith("Error: ", Assert.Single(_fixture.Logger.Entries), StringComparison.Ordinal);

        _fixture.Database.IsShort = false;

        Assert.Equal(42, (await FindAsync("token")).UserId);
    }

    [Fact]
    public async Task FindAsync_CallerThatGivesUp_IsLetGo()
    {
        _fixture.Database.Gate = new TaskCompletionSource();
        await _fixture.StartAsync();
        using var patience = new CancellationTokenSource();

        var finding = _fixture.Store.FindAsync(Encoding.UTF8.GetBytes("token"), patience.Token).AsTask();
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
    }

    // After the database has hung, the queue is full of look-ups that have timed out. The database must not be queried for them.
    [Fact]
    public async Task FindAsync_TokensWhoseTimeIsOver_AreNotAskedAbout()
    {
        _fixture.Settings.MaxQueries = 1;
        _fixture.Database.Gate = new TaskCompletionSource();
        await _fixture.StartAsync();
        var early = _fixture.FindAsync("early");
        await _fixture.Database.QueriesAsync(1);
        var late = _fixture.FindAsync("late");

        _fixture.Time.Advance(_fixture.Sessions.Timeout);
        _fixture.Database.Gate.SetResult();

        Assert.Equal(Unavailable, await SoonAsync(late));
        Assert.Equal(SessionStatus.Unknown, (await SoonAsync(early)).Status);
        Assert.DoesNotContain(_fixture.Database.Queries, query => query.Contains("late"));
    }

    private static Task<Session> SoonAsync(Task<Session> finding) => SessionStoreFixture.SoonAsync(finding, "a session");

    private Task<Session> FindAsync(string token) => SoonAsync(_fixture.FindAsync(token));
}
