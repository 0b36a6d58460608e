namespace Direct.Model.Tests.Simulation;

/// <summary>
/// Runs the asynchronous code of all processes in one thread, and repeatably: of the work that is ready, the random generator picks the next. The clock moves to its
/// next timer when no work is ready.
/// </summary>
internal sealed class SeededScheduler(Random random)
{
    private readonly PriorityQueue<SimulatedTimer, (long Due, long Order)> _timers = new();
    private readonly List<Work> _ready = [];
    private readonly List<(long Step, Action Action)> _later = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _escaped;
    private long _order;

    public Random Random => random;

    /// <summary>Gets the time since the start, in ticks. A timestamp of zero means "never" in some classes.</summary>
    public long Now { get; private set; } = TimeSpan.TicksPerSecond;

    /// <summary>Gets the number of pieces of work that have run.</summary>
    public long Steps { get; private set; }

    /// <summary>Adds work of a process.</summary>
    public void Add(SimulatedProcess process, SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            _ready.Add(new Work(process, callback, state));
        }
        else
        {
            _escaped ??= Environment.StackTrace; // an exception would end the process
        }
    }

    /// <summary>Calls an action after a number of steps, or when nothing is ready.</summary>
    public void AfterSteps(int steps, Action action) => _later.Add((Steps + steps, action));

    public void Arm(SimulatedTimer timer, long due) => _timers.Enqueue(timer, (timer.Due = due, timer.Order = ++_order));

    /// <summary>Runs until the task of <paramref name="main"/> has ended. Throws its exception, or one if the task has not ended in time.</summary>
    public void Run(SimulatedProcess process, Func<Task> main, TimeSpan limit, long mostSteps)
    {
        var before = SynchronizationContext.Current;
        try
        {
            SynchronizationContext.SetSynchronizationContext(process);
            var task = main();
            while (!task.IsCompleted)
            {
                Step();
                if (_escaped is { } stack)
                {
                    throw new InvalidOperationException($"Some work has left the simulation for the thread pool:\n{stack}");
                }

                if (Now > limit.Ticks || Steps > mostSteps)
                {
                    throw new TimeoutException($"the run has not ended after {TimeSpan.FromTicks(Now)} and {Steps} steps");
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    private void Step()
    {
        Steps++;
        for (var i = 0; i < _later.Count; i++)
        {
            if (_later[i].Step <= Steps || _ready.Count == 0)
            {
                var action = _later[i].Action;
                _later.RemoveAt(i);
                action();
                return;
            }
        }

        if (_ready.Count > 0)
        {
            var at = random.Next(_ready.Count);
            var work = _ready[at];
            _ready[at] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            work.Process.Run(work.Callback, work.State);
        }
        else if (_timers.TryDequeue(out var timer, out var key))
        {
            if (timer.Order == key.Order) // otherwise it was changed since
            {
                Now = Math.Max(Now, key.Due);
                timer.Fire();
            }
        }
        else
        {
            throw new InvalidOperationException("nothing is ready, and no timer is armed");
        }
    }

    private readonly record struct Work(SimulatedProcess Process, SendOrPostCallback Callback, object? State);
}
