namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a clock whose timer fires only when the test calls it, so that ticks can be late or missing, as on a suspended machine.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private Action? _tick;
    private long _milliseconds;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _milliseconds;

    /// <summary>Advances the time and then fires the timer once.</summary>
    public void TickAfter(long milliseconds)
    {
        _milliseconds += milliseconds;
        _tick!();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _tick = () => callback(state);
        return new Timer();
    }

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
