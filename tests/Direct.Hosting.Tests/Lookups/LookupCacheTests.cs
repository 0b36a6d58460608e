using Direct.Lookups;
using Direct.Testing.Time;

namespace Direct.Hosting.Tests.Lookups;

public sealed class LookupCacheTests
{
    private const int MaxEntries = 100;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);

    private readonly ManualTimeProvider _time = new();
    private readonly LookupCache<string, long> _cache;

    public LookupCacheTests() => _cache = new LookupCache<string, long>(Lifetime, MaxEntries, _time);

    [Fact]
    public void TryGet_PastItsTime_IsNothing()
    {
        _cache.Add("a", 1, _time.GetTimestamp());
        _time.Advance(Lifetime);

        Assert.False(_cache.TryGet("a", out _));
    }

    // The expiry of the first entry must not remove the newer entry for the same token.
    [Fact]
    public void TryGet_FoundAgain_LivesFromThen()
    {
        _cache.Add("a", 1, _time.GetTimestamp());
        _time.Advance(Lifetime / 2);
        _cache.Add("a", 2, _time.GetTimestamp());
        _time.Advance(Lifetime / 2);
        _cache.Add("b", 3, _time.GetTimestamp());

        Assert.True(_cache.TryGet("a", out var answer));
        Assert.Equal(2, answer);
    }

    [Fact]
    public void Add_AnswerOfAnEarlierQuery_DoesNotReplaceANewerOne()
    {
        var askedAt = _time.GetTimestamp();
        _time.Advance(Lifetime / 4);
        _cache.Add("a", 2, _time.GetTimestamp());

        _cache.Add("a", 1, askedAt);

        Assert.True(_cache.TryGet("a", out var answer));
        Assert.Equal(2, answer);
    }

    [Fact]
    public void TryGet_AnswerOfASlowQuery_LivesFromItsBeginning()
    {
        var askedAt = _time.GetTimestamp();
        _time.Advance(Lifetime / 2);
        _cache.Add("a", 1, askedAt);
        _time.Advance(Lifetime / 2);

        Assert.False(_cache.TryGet("a", out _));
    }

    [Fact]
    public void Add_PastTheBound_ForgetsTheOldest()
    {
        for (var i = 0; i <= MaxEntries; i++)
        {
            _cache.Add($"{i}", i, _time.GetTimestamp());
        }

        Assert.False(_cache.TryGet("0", out _));
        Assert.True(_cache.TryGet("1", out _));
        Assert.True(_cache.TryGet($"{MaxEntries}", out _));
    }

    [Fact]
    public void Add_TurnedOff_RemembersNothing()
    {
        var cache = new LookupCache<string, long>(TimeSpan.Zero, MaxEntries, _time);

        cache.Add("a", 1, _time.GetTimestamp());

        Assert.False(cache.TryGet("a", out _));
    }

    // The new entry has already expired when the cache looks for expired entries.
    [Fact]
    public void Add_ProcessThatStallsMeanwhile_RemembersNothingAndGoesOn()
    {
        var time = new StallingTime { Stall = Lifetime };
        var cache = new LookupCache<string, long>(Lifetime, MaxEntries, time);

        cache.Add("a", 1, time.GetTimestamp());
        time.Stall = TimeSpan.Zero;
        cache.Add("b", 2, time.GetTimestamp());

        Assert.False(cache.TryGet("a", out _));
        Assert.True(cache.TryGet("b", out _));
    }

    /// <summary>Implements a clock that advances by a fixed time whenever it is read.</summary>
    private sealed class StallingTime : TimeProvider
    {
        private long _ticks;

        public TimeSpan Stall { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += Stall.Ticks;
    }
}
