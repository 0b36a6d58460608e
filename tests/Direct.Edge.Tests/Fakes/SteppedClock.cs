namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a clock whose timer fires only when told, so that ticks can be late or missing, as on a machine that was paused.</summary>
internal sealed class SteppedClock : TimeProvider
{
    private Action? _tick;
    private long _milliseconds;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => _milliseconds;

    /// <summary>Lets time pass, and the timer fire once at the end of it.</summary>
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
