namespace Direct.Model.Tests.Simulation;

/// <summary>Represents a timer of a process. It fires as work of the process.</summary>
internal sealed class SimulatedTimer(SimulatedProcess process, TimerCallback callback, object? state) : ITimer
{
    private long _period;

    public long Due { get; set; }

    /// <summary>Gets or sets the number of the last change; 0 if it is not armed.</summary>
    public long Order { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        (Order, _period) = (0, period > TimeSpan.Zero ? period.Ticks : 0);
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            process.Scheduler.Arm(this, process.Scheduler.Now + Math.Max(0, dueTime.Ticks));
        }

        return true;
    }

    public void Fire()
    {
        Order = 0;
        if (!process.IsAlive)
        {
            return;
        }

        if (_period > 0)
        {
            process.Scheduler.Arm(this, Due + _period);
            if (process.IsFrozen)
            {
                return; // the ticks that are missed are not made up for
            }
        }

        process.Post(static timer => ((SimulatedTimer)timer!).Call(), this);
    }

    public void Dispose() => (Order, _period) = (0, 0);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Call() => callback(state);
}
