using Direct.Edge.Tests.Fakes;
using Direct.Edge.Timing;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Timing;

public sealed class DeadlineWheelTests : IDisposable
{
    private const long ResolutionMs = 100;

    // One rotation has 1024 slots.
    private const long TurnMs = 1024 * ResolutionMs;

    private readonly ManualTimeProvider _clock = new();
    private readonly DeadlineWheel _wheel;

    public DeadlineWheelTests()
    {
        _wheel = new DeadlineWheel(_clock);
        _wheel.Start();
    }

    public static TheoryData<long> Delays =>
        [1, 50, 99, 100, 101, 150, 1_000, 59_999, TurnMs - 100, TurnMs - 1, TurnMs, TurnMs + 1, TurnMs + 100, (3 * TurnMs) + 250];

    public void Dispose() => _wheel.Dispose();

    [Theory]
    [MemberData(nameof(Delays))]
    public void Schedule_AnyDelay_IsNeverEarlyAndAtMostOneResolutionLate(long delayMs)
    {
        Advance(1_300);
        var entry = new Recorder();
        var dueMs = _wheel.NowMs + delayMs;

        _wheel.Schedule(entry, dueMs);
        Advance(delayMs + (2 * TurnMs));

        Assert.InRange(Assert.Single(entry.Fired), dueMs, dueMs + ResolutionMs - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-100_000)]
    public void Schedule_InThePast_FiresWithTheNextTick(long delayMs)
    {
        Advance(200_000);
        var entry = new Recorder();

        _wheel.Schedule(entry, _wheel.NowMs + delayMs);
        Advance(ResolutionMs);

        Assert.Equal([200_100], entry.Fired);
    }

    [Fact]
    public void Dispose_WithDeadlines_FiresNoMore()
    {
        var entry = new Recorder();
        _wheel.Schedule(entry, 500);

        _wheel.Dispose();
        Advance(2_000);

        Assert.Empty(entry.Fired);
    }

    // Represents a suspended machine: one tick must find all entries that came due meanwhile, in any slot.
    [Theory]
    [InlineData(5_000)]
    [InlineData(TurnMs - 100)]
    [InlineData(TurnMs)]
    [InlineData(TurnMs + 100)]
    [InlineData((10 * TurnMs) + 12_345)]
    public void Tick_AfterALongPause_FiresAllThatIsDueAndNothingElse(long pauseMs)
    {
        var clock = new SteppedClock();
        using var wheel = new DeadlineWheel(clock);
        wheel.Start();
        clock.TickAfter(730);
        var entries = Enumerable.Range(1, 2_400).Select(i => (DueMs: 730L + (i * 97), Entry: new Recorder())).ToArray();
        Array.ForEach(entries, pair => wheel.Schedule(pair.Entry, pair.DueMs));

        clock.TickAfter(pauseMs);

        Assert.Equal(
            entries.Where(pair => pair.DueMs <= 730 + pauseMs - ResolutionMs).Select(pair => pair.DueMs),
            entries.Where(pair => pair.DueMs <= 730 + pauseMs - ResolutionMs && pair.Entry.Fired.Count == 1).Select(pair => pair.DueMs));
        Assert.DoesNotContain(entries, pair => pair.DueMs > 730 + pauseMs && pair.Entry.Fired.Count > 0);
    }

    [Fact]
    public void Tick_AfterAPause_LaterDeadlinesAreStillKept()
    {
        var clock = new SteppedClock();
        using var wheel = new DeadlineWheel(clock);
        wheel.Start();
        var entry = new Recorder();
        wheel.Schedule(entry, 7 * TurnMs);
        clock.TickAfter(6 * TurnMs);

        for (var i = 0; i < 1024 && entry.Fired.Count == 0; i++)
        {
            clock.TickAfter(ResolutionMs);
        }

        Assert.Equal([7 * TurnMs], entry.Fired);
    }

    [Fact]
    public void Schedule_AtRandom_KeepsEveryDeadlineOfAModel()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var clock = new ManualTimeProvider();
            using var wheel = new DeadlineWheel(clock);
            wheel.Start();
            var entries = Enumerable.Range(0, 40).Select(_ => new Recorder()).ToArray();
            var dues = new Dictionary<Recorder, long>();
            var errors = new List<string>();
            foreach (var entry in entries)
            {
                entry.WhenDue = nowMs =>
                {
                    if (!dues.Remove(entry, out var dueMs) || nowMs < dueMs || nowMs - dueMs >= ResolutionMs)
                    {
                        errors.Add($"seed {seed}: due {dueMs}, fired at {nowMs}");
                    }

                    if (random.Next(0, 2) == 0)
                    {
                        Schedule(entry);
                    }
                };
            }

            for (var step = 0; step < 1_500; step++)
            {
                var entry = entries[random.Next(entries.Length)];
                if (random.Next(0, 4) == 0)
                {
                    wheel.Cancel(entry);
                    dues.Remove(entry);
                }
                else
                {
                    Schedule(entry);
                }

                clock.Advance(TimeSpan.FromMilliseconds(random.Next(0, 6) == 0 ? random.Next(0, 30_000) : random.Next(0, 250)));
                errors.AddRange(dues.Where(pair => pair.Value <= wheel.NowMs).Select(pair => $"seed {seed}: due {pair.Value}, not fired by {wheel.NowMs}"));
                Assert.Empty(errors);
            }

            void Schedule(Recorder entry)
            {
                var dueMs = wheel.NowMs + random.Next(1, random.Next(0, 4) == 0 ? (int)(3 * TurnMs) : 5_000);
                dues[entry] = dueMs;
                wheel.Schedule(entry, dueMs);
            }
        }
    }

    // Any thread may schedule while the wheel turns.
    [Fact]
    public async Task Schedule_FromManyThreadsWhileItTurns_LosesNothing()
    {
        const int Count = 4, Rounds = 5_000;
        var fired = 0;
        var entries = Enumerable.Range(0, Count).Select(_ => Enumerable.Range(0, 50).Select(_ => new Recorder()).ToArray()).ToArray();
        foreach (var entry in entries.SelectMany(own => own))
        {
            entry.WhenDue = _ => Interlocked.Increment(ref fired);
        }

        var scheduling = Threads.RunAsync(Count, thread =>
        {
            var own = entries[thread];
            var random = new Random(thread);
            for (var round = 0; round < Rounds; round++)
            {
                var entry = own[random.Next(own.Length)];
                if (random.Next(0, 3) == 0)
                {
                    _wheel.Cancel(entry);
                }
                else
                {
                    _wheel.Schedule(entry, _wheel.NowMs + random.Next(0, 2_000));
                }
            }
        });
        while (!scheduling.IsCompleted)
        {
            Advance(ResolutionMs);
        }

        await scheduling;

        // The clock stands still here, because a thread without processor time would find its entries already due.
        await Threads.RunAsync(Count, thread => Array.ForEach(entries[thread], entry => _wheel.Schedule(entry, _wheel.NowMs + 1_000_000)));
        Interlocked.Exchange(ref fired, 0);
        Advance(1_200_000);

        Assert.Equal(entries.Sum(own => own.Length), fired);
    }

    private void Advance(long milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private sealed class Recorder : DeadlineWheel.Entry
    {
        public List<long> Fired { get; } = [];

        public Action<long>? WhenDue { get; set; }

        internal override void OnDue(long nowMs)
        {
            Fired.Add(nowMs);
            WhenDue?.Invoke(nowMs);
        }
    }
}
