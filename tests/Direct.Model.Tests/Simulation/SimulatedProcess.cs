using Direct.Collections;

namespace Direct.Model.Tests.Simulation;

/// <summary>
/// Represents a process: everything that its code starts runs in this context. It can be killed, so that nothing of it runs any more, and frozen, so that nothing runs until it
/// continues.
/// </summary>
internal sealed class SimulatedProcess : SynchronizationContext, IRandomIds
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _stalled = [];

    public SimulatedProcess(string name, SeededScheduler scheduler)
    {
        (Name, Scheduler) = (name, scheduler);
        Clock = new ProcessClock(this);
    }

    public string Name { get; }

    public SeededScheduler Scheduler { get; }

    public TimeProvider Clock { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsFrozen { get; private set; }

    /// <summary>Gets or sets whether no call reaches it or leaves it.</summary>
    public bool IsCut { get; set; }

    /// <summary>Gets or sets how far its wall clock is ahead.</summary>
    public TimeSpan WallClockAhead { get; set; }

    /// <summary>Gets whether it draws the same number each time.</summary>
    public bool HasOneNumber { get; init; }

    public void Kill()
    {
        IsAlive = false;
        _stalled.Clear();
    }

    public void Freeze() => IsFrozen = true;

    public void Continue()
    {
        IsFrozen = false;
        _stalled.ForEach(work => Post(work.Callback, work.State));
        _stalled.Clear();
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsAlive)
        {
            Scheduler.Add(this, d, state);
        }
    }

    public void Post(Action action) => Post(static action => ((Action)action!)(), action);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("nothing may block");

    public override SynchronizationContext CreateCopy() => this;

    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Scheduler.Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public long NewLong() => HasOneNumber ? Name.Length + Name[^1] : Scheduler.Random.NextInt64(1, long.MaxValue);

    /// <summary>Runs work of this process now, or keeps it while the process is frozen.</summary>
    public void Run(SendOrPostCallback callback, object? state)
    {
        if (!IsAlive)
        {
            return;
        }

        if (IsFrozen)
        {
            _stalled.Add((callback, state));
            return;
        }

        SetSynchronizationContext(this);
        callback(state);
    }

    /// <summary>Runs something in the context of this process, in the middle of the work of another.</summary>
    public T Within<T>(Func<T> function)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return function();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override string ToString() => Name;

    private sealed class ProcessClock(SimulatedProcess process) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => process.Scheduler.Now;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromTicks(process.Scheduler.Now) + process.WallClockAhead;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new SimulatedTimer(process, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }
    }
}
