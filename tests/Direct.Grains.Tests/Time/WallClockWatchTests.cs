using Direct.Grains.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Grains.Tests.Time;

public sealed class WallClockWatchTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private readonly ConnectionOptions _options = new() { ConnectionRetryDelay = Usual };
    private readonly WallClockWatch _watch;

    public WallClockWatchTests() => _watch = new WallClockWatch(Options.Create(_options), NullLogger<WallClockWatch>.Instance);

    [Fact]
    public void Clock_ThatGoesOn_LeavesTheDelay()
    {
        _watch.Look(Noon);
        _watch.Look(Noon.AddSeconds(1));
        _watch.Look(Noon.AddHours(1));

        Assert.Equal(Usual, _options.ConnectionRetryDelay);
    }

    [Fact]
    public void Clock_ThatIsSetBack_MakesAFailureFromBeforeDueAtOnce()
    {
        _watch.Look(Noon);

        _watch.Look(Noon.AddHours(-1));

        Assert.True(Noon + _options.ConnectionRetryDelay <= Noon.AddHours(-1), $"{_options.ConnectionRetryDelay}");
    }

    [Fact]
    public void Clock_ThatHasCaughtUp_HasTheUsualDelayAgain()
    {
        _watch.Look(Noon);
        _watch.Look(Noon.AddHours(-1));
        _watch.Look(Noon.AddMinutes(-1));
        Assert.NotEqual(Usual, _options.ConnectionRetryDelay);

        _watch.Look(Noon.AddSeconds(1));

        Assert.Equal(Usual, _options.ConnectionRetryDelay);
    }

    public void Dispose() => _watch.Dispose();
}
