namespace Direct.Testing.Time;

/// <summary>
/// Implements a clock that stands still until a test moves it. <see cref="Advance"/> fires timers on the caller's thread in the order of their due
/// times, and equal ones in the order they were armed. Each timer callback reads its due time from the clock.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _armed = [];
    private DateTimeOffset _start;
    private TimeSpan _elapsed;
    private long _nextOrder;

    public ManualTimeProvider()
        : this(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    public ManualTimeProvider(DateTimeOffset start) => _start = start;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Gets the number of armed timers. A test waits for this number before it advances past a timer that another thread arms.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _start + _elapsed;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _elapsed.Ticks;
        }
    }

    /// <summary>Moves both clocks forward and fires every timer that is due by then, including those that a firing timer arms.</summary>
    public void Advance(TimeSpan delta)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delta, TimeSpan.Zero);
        TimeSpan goal;
        lock (_gate)
        {
            goal = _elapsed + delta;
        }

        while (TakeNextDue(goal) is { } timer)
        {
            timer.Fire();
        }

        lock (_gate)
        {
            _elapsed = goal > _elapsed ? goal : _elapsed;
        }
    }

    /// <summary>Moves both clocks forward to the next timer and fires it. Returns false if none is armed.</summary>
    public bool TryAdvanceToNextTimer()
    {
        var timer = TakeNextDue(TimeSpan.MaxValue);
        timer?.Fire();
        return timer is not null;
    }

    /// <summary>Moves both clocks forward without the timers, as when a machine is suspended: afterwards each timer has as long to wait as before.</summary>
    public void Suspend(TimeSpan duration)
    {
        lock (_gate)
        {
            _elapsed += duration;
            _armed.ForEach(timer => timer.Due += duration);
        }
    }

    /// <summary>Moves the wall clock alone, as an administrator or a time server does; timers and timestamps do not change.</summary>
    public void JumpWallClock(TimeSpan delta)
    {
        lock (_gate)
        {
            _start += delta;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? TakeNextDue(TimeSpan goal)
    {
        lock (_gate)
        {
            var next = _armed.Where(timer => timer.Due <= goal).MinBy(timer => (timer.Due, timer.Order));
            if (next is null)
            {
                return null;
            }

            _elapsed = next.Due > _elapsed ? next.Due : _elapsed;
            _armed.Remove(next);
            if (next.Period > TimeSpan.Zero)
            {
                Arm(next, next.Due + next.Period);
            }

            return next;
        }
    }

    private void Arm(ManualTimer timer, TimeSpan due)
    {
        timer.Due = due;
        timer.Order = _nextOrder++;
        _armed.Add(timer);
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private bool _disposed;

        public TimeSpan Due { get; set; }

        public TimeSpan Period { get; private set; }

        public long Order { get; set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                clock._armed.Remove(this);
                Period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
                    clock.Arm(this, clock._elapsed + dueTime);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                _disposed = true;
                clock._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
