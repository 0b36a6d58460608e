using Direct.Edge.Identity;
using Direct.Gateway.Sessions;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Sessions;

public sealed class SessionCacheTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _time = new();
    private readonly SessionCache _cache;

    public SessionCacheTests() => _cache = new SessionCache(Options.Create(new MySqlSessionOptions { CacheFor = Lifetime }), _time);

    [Fact]
    public void TryGet_PastItsTime_IsNothing()
    {
        _cache.Add("a", User(1));
        _time.Advance(Lifetime);

        Assert.False(_cache.TryGet("a", out _));
    }

    // The expiry of the first entry must not remove the newer entry for the same token.
    [Fact]
    public void TryGet_FoundAgain_LivesFromThen()
    {
        _cache.Add("a", User(1));
        _time.Advance(Lifetime / 2);
        _cache.Add("a", User(2));
        _time.Advance(Lifetime / 2);
        _cache.Add("b", User(3));

        Assert.True(_cache.TryGet("a", out var session));
        Assert.Equal(User(2), session);
    }

    [Fact]
    public void Add_PastTheBound_ForgetsTheOldest()
    {
        for (var i = 0; i <= SessionCache.MaxEntries; i++)
        {
            _cache.Add($"{i}", User(i));
        }

        Assert.False(_cache.TryGet("0", out _));
        Assert.True(_cache.TryGet("1", out _));
        Assert.True(_cache.TryGet($"{SessionCache.MaxEntries}", out _));
    }

    [Fact]
    public void Add_TurnedOff_RemembersNothing()
    {
        var cache = new SessionCache(Options.Create(new MySqlSessionOptions { CacheFor = TimeSpan.Zero }), _time);

        cache.Add("a", User(1));

        Assert.False(cache.TryGet("a", out _));
    }

    // The new entry has already expired when the cache looks for expired entries.
    [Fact]
    public void Add_ProcessThatStallsMeanwhile_RemembersNothingAndGoesOn()
    {
        var time = new StallingTime { Stall = Lifetime };
        var cache = new SessionCache(Options.Create(new MySqlSessionOptions { CacheFor = Lifetime }), time);

        cache.Add("a", User(1));
        time.Stall = TimeSpan.Zero;
        cache.Add("b", User(2));

        Assert.False(cache.TryGet("a", out _));
        Assert.True(cache.TryGet("b", out _));
    }

    private static Session User(long id) => new(SessionStatus.Known, id);

    /// <summary>Implements a clock that advances by a fixed time whenever it is read.</summary>
    private sealed class StallingTime : TimeProvider
    {
        private long _ticks;

        public TimeSpan Stall { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += Stall.Ticks;
    }
}
