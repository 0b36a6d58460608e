namespace Direct.Model.Tests.Simulation;

/// <summary>Carries calls between processes as Orleans does. Each has a fate, which the random generator chooses.</summary>
internal sealed class SeededNetwork(SeededScheduler scheduler, SimulatedProcess network, Trace trace)
{
    private readonly SeededScheduler _scheduler = scheduler;
    private readonly Trace _trace = trace;

    private static readonly Fate[] Faults = [Fate.Late, Fate.Lost, Fate.AnswerLost, Fate.AnswerLate, Fate.Broken];

    private enum Fate
    {
        /// <summary>The call and its answer arrive.</summary>
        Delivered,

        /// <summary>The call arrives after a while. Once the caller waits no more, it is dropped.</summary>
        Late,

        /// <summary>The call does not arrive.</summary>
        Lost,

        /// <summary>The call arrives, and its answer does not.</summary>
        AnswerLost,

        /// <summary>The answer arrives after a while, perhaps too late.</summary>
        AnswerLate,

        /// <summary>The connection ends: the call fails soon, and arrives nevertheless, perhaps after that.</summary>
        Broken,
    }

    /// <summary>Gets or sets the share of calls that have another fate than to be delivered.</summary>
    public double FaultRate { get; set; }

    /// <summary>Gets or sets the longest time that a call takes which is delivered, in milliseconds. Many take none, so that their order is arbitrary.</summary>
    public int LongestMs { get; set; } = 3;

    public long Faulty { get; private set; }

    /// <summary>Calls another process. The result fails with a <see cref="TimeoutException"/> if there is no answer in time.</summary>
    /// <param name="name">The call, for the trace.</param>
    /// <param name="from">The calling process.</param>
    /// <param name="to">Returns the process that is called, when the call arrives; null if there is none.</param>
    /// <param name="seconds">The time for which the caller waits.</param>
    /// <param name="call">Executes the call, as work of the called process.</param>
    public Task<T> CallAsync<T>(CallName name, SimulatedProcess from, Func<SimulatedProcess?> to, double seconds, Func<Task<T>> call)
    {
        var fate = _scheduler.Random.NextDouble() < FaultRate ? Faults[_scheduler.Random.Next(Faults.Length)] : Fate.Delivered;
        Faulty += fate is Fate.Delivered ? 0 : 1;
        var carried = new Call<T>(this, name, from, to, TimeSpan.FromSeconds(seconds), call, fate);
        carried.Begin();
        return carried.Answer;
    }

    private void After(TimeSpan delay, Action action)
    {
        if (delay <= TimeSpan.Zero)
        {
            network.Post(action);
        }
        else
        {
            _scheduler.Arm(new SimulatedTimer(network, static action => ((Action)action!)(), action), _scheduler.Now + delay.Ticks);
        }
    }

    private TimeSpan Usual() => _scheduler.Random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(_scheduler.Random.NextDouble() * LongestMs);

    private TimeSpan Upto(TimeSpan longest) => TimeSpan.FromMilliseconds(_scheduler.Random.Next(1, (int)longest.TotalMilliseconds));

    private sealed class Call<T>(SeededNetwork network, CallName name, SimulatedProcess from, Func<SimulatedProcess?> to, TimeSpan timeout, Func<Task<T>> call, Fate fate)
    {
        // It is completed as work of the caller, outside of all locks, so its continuations may run at once.
        private readonly TaskCompletionSource<T> _answer = new();
        private readonly long _sentAt = network._scheduler.Now;
        private ITimer? _timer;

        public Task<T> Answer => _answer.Task;

        public void Begin()
        {
            network._trace.Add($"{from} calls {name}: {fate}");
            _timer = from.Clock.CreateTimer(static call => ((Call<T>)call!).Fail("no answer"), this, timeout, Timeout.InfiniteTimeSpan);
            if (fate is Fate.Broken)
            {
                network.After(TimeSpan.FromMilliseconds(20), () => from.Post(() => Fail("the connection has ended")));
            }

            if (fate is not Fate.Lost && !from.IsCut)
            {
                network.After(fate is Fate.Late or Fate.Broken ? network.Upto(timeout) : network.Usual(), Arrive);
            }
        }

        private void Arrive()
        {
            if (network._scheduler.Now - _sentAt >= timeout.Ticks || from.IsCut || to() is not { IsCut: false } target)
            {
                return;
            }

            if (!target.IsAlive)
            {
                if (network._scheduler.Random.Next(2) == 0)
                {
                    from.Post(() => Fail("the process has ended"));
                }

                return;
            }

            target.Post(() => _ = ExecuteAsync(target));
        }

        private async Task ExecuteAsync(SimulatedProcess target)
        {
            if (network._scheduler.Now - _sentAt >= timeout.Ticks)
            {
                return; // the process was frozen; it drops calls for which nobody waits
            }

            network._trace.Add($"{target} executes {name} of {from}");
            T answer;
            try
            {
                answer = await call();
            }
            catch (Exception exception)
            {
                network._trace.Add($"{target} fails {name} of {from}: {exception.Message}");
                network.After(network.Usual(), () => from.Post(() => End(() => _answer.TrySetException(exception))));
                return;
            }

            if (fate is Fate.AnswerLost || target.IsCut)
            {
                return;
            }

            network.After(fate is Fate.AnswerLate ? network.Upto(timeout * 1.2) : network.Usual(), () =>
            {
                if (!from.IsCut && !target.IsCut)
                {
                    from.Post(() => End(() => _answer.TrySetResult(answer)));
                }
            });
        }

        private void Fail(string why) => End(() =>
        {
            if (_answer.TrySetException(new TimeoutException(why)))
            {
                network._trace.Add($"{from} has no answer to {name}: {why}");
            }
        });

        private void End(Action set)
        {
            _timer?.Dispose();
            set();
        }
    }
}
