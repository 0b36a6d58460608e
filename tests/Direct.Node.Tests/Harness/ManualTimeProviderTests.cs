using Direct.Testing.Time;

namespace Direct.Node.Tests.Harness;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _clock = new();
    private readonly List<(string Timer, double At)> _fired = [];
    private readonly DateTimeOffset _start;

    public ManualTimeProviderTests() => _start = _clock.GetUtcNow();

    [Fact]
    public void Advance_PastSeveralTimers_FiresThemInOrderAtTheirTimes()
    {
        using var late = Timer("late", 3);
        using var early = Timer("early", 1);
        using var sameTimeLater = Timer("second of two", 3);
        using var beyond = Timer("beyond", 5.5);

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal([("early", 1), ("late", 3), ("second of two", 3)], _fired);
        Assert.Equal((5, 1), ((_clock.GetUtcNow() - _start).TotalSeconds, _clock.ArmedTimers));
    }

    [Fact]
    public void Advance_OverSeveralPeriods_FiresEach()
    {
        using var timer = Timer("tick", 1, period: 2);

        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal([("tick", 1), ("tick", 3), ("tick", 5)], _fired);
    }

    [Fact]
    public void Advance_WithATimerArmedByATimer_FiresItToo()
    {
        ITimer? second = null;
        using var first = _clock.CreateTimer(_ => second = Timer("second", 1), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([("second", 2)], _fired);
        second!.Dispose();
    }

    [Fact]
    public void Timer_ThatIsChangedOrDisposed_DoesNotFireAtItsOldTime()
    {
        using var changed = Timer("changed", 1);
        var disposed = Timer("disposed", 1);

        changed.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);
        disposed.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([("changed", 2)], _fired);
        Assert.False(disposed.Change(TimeSpan.Zero, TimeSpan.Zero));
    }

    [Fact]
    public async Task Delay_OnTheClock_EndsWithIt()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(1), _clock, TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(delay.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await delay;
    }

    [Fact]
    public void JumpWallClock_MovesNeitherTimersNorTimestamps()
    {
        using var timer = Timer("timer", 1);
        var stamp = _clock.GetTimestamp();

        _clock.JumpWallClock(TimeSpan.FromHours(1));

        Assert.Empty(_fired);
        Assert.Equal((TimeSpan.Zero, _start.AddHours(1)), (_clock.GetElapsedTime(stamp), _clock.GetUtcNow()));
    }

    private ITimer Timer(string name, double seconds, double? period = null) => _clock.CreateTimer(
        _ => _fired.Add((name, (_clock.GetUtcNow() - _start).TotalSeconds)),
        null,
        TimeSpan.FromSeconds(seconds),
        period is { } value ? TimeSpan.FromSeconds(value) : Timeout.InfiniteTimeSpan);
}
