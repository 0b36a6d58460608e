using System.Text;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Edge.Tests.Fakes;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Identity;

public sealed class IdentityResolverTests : IDisposable
{
    private const string Address = "127.0.0.1";
    private const long Anonymous = -144953630;

    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingLogger _logger = new();
    private readonly TestMeters _meters = new();
    private readonly SessionOptions _options = new();
    private readonly NodeOptions _node = new();

    public void Dispose()
    {
        _meters.Dispose();
        _logger.ThrowOnErrors();
    }

    [Fact]
    public async Task ResolveAsync_KnownToken_IsItsUser()
    {
        var result = await ResolveAsync(new Session(SessionStatus.Known, 42));

        Assert.Equal((42, null, "token"), (result.UserId, result.Refusal, Encoding.UTF8.GetString(result.Token!)));
    }

    [Fact]
    public async Task ResolveAsync_KnownTokenThatIsNeverLookedUpAgain_IsForgotten()
    {
        _options.RecheckInterval = TimeSpan.Zero;

        Assert.Equal(new IdentityResult(42), await ResolveAsync(new Session(SessionStatus.Known, 42)));
    }

    [Theory]
    [InlineData(SessionStatus.Unknown, 0)]
    [InlineData(SessionStatus.Unknown, 42)]
    [InlineData(SessionStatus.Known, 0)]
    public async Task ResolveAsync_TokenOfNobody_IsAnonymous(SessionStatus status, long userId)
    {
        Assert.Equal(new IdentityResult(Anonymous), await ResolveAsync(new Session(status, userId)));
    }

    [Fact]
    public async Task ResolveAsync_BlockedUser_IsRefused()
    {
        Assert.Equal(CloseReason.UserBlocked, (await ResolveAsync(new Session(SessionStatus.Blocked, 42))).Refusal);
    }

    [Fact]
    public async Task ResolveAsync_BlockedUserWhereThatIsAllowed_IsTheUser()
    {
        _options.AllowBlocked = true;

        var result = await ResolveAsync(new Session(SessionStatus.Blocked, 42));

        Assert.Equal((42, null, "token"), (result.UserId, result.Refusal, Encoding.UTF8.GetString(result.Token!)));
    }

    [Fact]
    public async Task ResolveAsync_StoreUnavailable_IsRefused()
    {
        Assert.Equal(CloseReason.SessionsUnavailable, (await ResolveAsync(new Session(SessionStatus.Unavailable))).Refusal);
    }

    [Fact]
    public async Task ResolveAsync_StoreUnavailableWhereThatMeansAnonymous_IsAnonymous()
    {
        _options.AnonymousWhenUnavailable = true;

        Assert.Equal(new IdentityResult(Anonymous, IsUnavailable: true), await ResolveAsync(new Session(SessionStatus.Unavailable)));
    }

    [Fact]
    public async Task ResolveAsync_EmptyToken_IsAnonymousWithoutAskingTheStore()
    {
        var store = new FakeSessionStore(new Session(SessionStatus.Known, 42));

        var result = await Create(store).ResolveAsync(default, Address);

        Assert.Equal((new IdentityResult(Anonymous), 0), (result, store.Calls));
    }

    [Fact]
    public async Task ResolveAsync_StoreThatHangs_IsRefusedAfterTheTimeout()
    {
        var resolving = Create(new FakeSessionStore((_, _) => new ValueTask<Session>(new TaskCompletionSource<Session>().Task)))
            .ResolveAsync("token"u8.ToArray(), Address).AsTask();

        _clock.Advance(_options.Timeout - TimeSpan.FromTicks(1));
        Assert.False(resolving.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(CloseReason.SessionsUnavailable, (await WaitAsync(resolving)).Refusal);
        Assert.Equal(LogLevel.Debug, Assert.Single(_logger.Entries).Level); // many failures at once must not cause as many warnings
    }

    [Fact]
    public async Task ResolveAsync_StoreThatHeedsItsToken_IsRefusedAfterTheTimeout()
    {
        var resolving = Create(new FakeSessionStore(async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        })).ResolveAsync("token"u8.ToArray(), Address).AsTask();

        _clock.Advance(_options.Timeout);

        Assert.Equal(CloseReason.SessionsUnavailable, (await WaitAsync(resolving)).Refusal);
    }

    [Theory]
    [InlineData(SessionStatus.Known, "known")]
    [InlineData(SessionStatus.Unknown, "unknown")]
    [InlineData(SessionStatus.Blocked, "blocked")]
    [InlineData(SessionStatus.Unavailable, "unavailable")]
    public async Task ResolveAsync_AnyAnswer_IsCountedAndTimed(SessionStatus status, string outcome)
    {
        await Create(new FakeSessionStore((_, _) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            return ValueTask.FromResult(new Session(status, 42));
        })).ResolveAsync("token"u8.ToArray(), Address);

        Assert.Equal(
            (1, 2), (_meters.Sum("direct.gateway.sessions.lookups", $"outcome={outcome}"), _meters.Sum("direct.gateway.sessions.lookup.duration")));
    }

    [Fact]
    public async Task ResolveAsync_Answered_LeavesNoTimer()
    {
        await ResolveAsync(new Session(SessionStatus.Known, 42));

        Assert.Equal(0, _clock.ArmedTimers);
    }

    // The buffer of the caller holds the next message long before a store responds.
    [Fact]
    public async Task ResolveAsync_BufferUsedAgain_TheStoreSeesTheToken()
    {
        var release = new TaskCompletionSource();
        var seen = "";
        var store = new LateReadingStore(release.Task, token => seen = token);
        var buffer = "token"u8.ToArray();

        var resolving = Create(store).ResolveAsync(buffer, Address).AsTask();
        buffer.AsSpan().Fill((byte)'?');
        release.SetResult();
        await WaitAsync(resolving);

        Assert.Equal("token", seen);
    }

    [Fact]
    public async Task ResolveAsync_NoSessions_IsAnonymousWithoutAskingTheStore()
    {
        _options.Mode = "none";
        var store = new FakeSessionStore(new Session(SessionStatus.Known, 42));

        var result = await Create(store).ResolveAsync("token"u8.ToArray(), Address);

        Assert.Equal((new IdentityResult(Anonymous), 0), (result, store.Calls));
    }

    [Fact]
    public async Task ResolveAsync_NoStore_IsAnonymous()
    {
        Assert.Equal(new IdentityResult(Anonymous), await Create().ResolveAsync("token"u8.ToArray(), Address));
    }

    [Fact]
    public async Task ResolveAsync_TestNode_CountsUpWithoutAskingTheStore()
    {
        _node.Environment = "test";
        var store = new FakeSessionStore(new Session(SessionStatus.Known, 42));
        var resolver = Create(store);

        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await resolver.ResolveAsync("token"u8.ToArray(), Address)).UserId);
        }

        Assert.Equal(("1 2 3", 0), (string.Join(' ', ids), store.Calls));
    }

    [Fact]
    public async Task NextAsync_FromManyThreads_GivesEveryIdOnce()
    {
        var ids = new LocalTestIds();
        var taken = new List<long>[4];

        await Threads.RunAsync(
            4, thread => taken[thread] = [.. Enumerable.Range(0, 10_000).Select(_ => ids.NextAsync(CancellationToken.None).AsTask().Result)]);

        Assert.Equal(Enumerable.Range(1, 40_000).Select(id => (long)id), taken.SelectMany(own => own).Order());
    }

    private static Task<IdentityResult> WaitAsync(Task<IdentityResult> resolving) =>
        Deadline.RunAsync("an identity", token => new ValueTask<IdentityResult>(resolving.WaitAsync(token)));

    private ValueTask<IdentityResult> ResolveAsync(Session session) =>
        Create(new FakeSessionStore(session)).ResolveAsync("token"u8.ToArray(), Address);

    private IdentityResolver Create(params ISessionStore[] stores)
    {
        var (node, options) = (Options.Create(_node), Options.Create(_options));
        return new IdentityResolver(
            node, options, new LocalTestIds(), new SessionStoreInUse(node, options, stores), new GatewayMetrics(_meters), _clock, _logger.For<IdentityResolver>());
    }

    private sealed class LateReadingStore(Task release, Action<string> see) : ISessionStore
    {
        public async ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
        {
            await release;
            see(Encoding.UTF8.GetString(token.Span));
            return default;
        }

        public ValueTask<IReadOnlyList<Session>> FindAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task RunAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
