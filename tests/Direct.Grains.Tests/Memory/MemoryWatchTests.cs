using Direct.Grains.Memory;
using Direct.Memory;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Tests.Memory;

public sealed class MemoryWatchTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly GrainMetrics _metrics;
    private readonly ManualTimeProvider _time = new();
    private readonly Lines _log = new();
    private readonly MemoryWatch _watch;
    private readonly SiloMemory _silo;
    private ContainerUse? _container;
    private long _used;
    private int _collections;
    private int _givenBack;

    public MemoryWatchTests()
    {
        _metrics = new GrainMetrics(_meters);
        var memory = new ProcessMemory(() => _used, 1_000_000)
        {
            Container = () => _container,
            Collect = () => _collections++,
            GiveBack = () => _givenBack++,
        };
        _watch = new MemoryWatch(memory, new MemoryOptions { BudgetBytes = 800 }, _time);
        _silo = new SiloMemory(_watch, memory, _metrics, _time, _log);
    }

    public void Dispose()
    {
        _silo.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Budget_NotSet_IsThreeQuartersOfWhatThereIs()
    {
        var memory = new ProcessMemory(() => 0, 1_000);

        Assert.Equal(750, new MemoryWatch(memory, new MemoryOptions(), _time).Budget);
    }

    [Theory]
    [InlineData(799, MemoryPressure.None)]
    [InlineData(800, MemoryPressure.High)]
    [InlineData(899, MemoryPressure.High)]
    [InlineData(900, MemoryPressure.Critical)]
    [InlineData(937_499, MemoryPressure.Critical)]
    [InlineData(937_500, MemoryPressure.Exhausted)]
    public void Look_HeapOfThisSize_IsUnderThisPressure(int used, object pressure)
    {
        Look(used);

        Assert.Equal((MemoryPressure)pressure, _watch.Pressure);
    }

    [Fact]
    public void Look_HeapFallsALittle_StaysUnderPressureUntilThereIsRoomForSeconds()
    {
        Look(950);
        _time.Advance(MemoryWatch.ShortestPressure);
        Assert.Equal(MemoryPressure.High, Look(799)); // too close to the limit: one more topic would exceed it again
        Assert.Equal(MemoryPressure.None, Look(719));

        Look(800);
        Assert.Equal(MemoryPressure.High, Look(0)); // the shortest time under pressure has not passed
        _time.Advance(MemoryWatch.ShortestPressure);
        Assert.Equal(MemoryPressure.None, Look(0));
    }

    [Fact]
    public void Look_PressureComesAndGoes_IsLoggedOnceEach()
    {
        for (var i = 0; i < 20; i++)
        {
            Look(800 + (i * 10));
        }

        Assert.Equal([LogLevel.Warning], _log.Levels);
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 20; i++)
        {
            Look(100);
        }

        Assert.Equal([LogLevel.Warning, LogLevel.Information], _log.Levels);
    }

    [Fact]
    public void Metrics_UnderPressure_SayWhatIsUsedAndThatItIsTooMuch()
    {
        Look(700);
        Assert.Equal((700.0, 800.0, 0.0), Read());

        Look(850);
        Assert.Equal((850.0, 800.0, 1.0), Read());

        (double, double, double) Read() => (
            _meters.Read("direct.silo.memory.used"), _meters.Read("direct.silo.memory.budget"), _meters.Read("direct.silo.memory.pressure"));
    }

    [Fact]
    public void OfThisProcess_AfterACollection_IsSomethingBelowWhatThereIs()
    {
        GC.Collect();
        var memory = ProcessMemory.OfThisProcess();

        Assert.InRange(memory.Used(), 100_000, memory.Available);
    }

    /// <summary>Tests that collections run under pressure. A quiet silo allocates nothing, so without them it would never detect that memory is free again.</summary>
    [Fact]
    public void Look_UnderPressure_CollectsNowAndThen()
    {
        Look(799);
        Assert.Equal(0, _collections);

        for (var i = 0; i < 40; i++)
        {
            Look(800);
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.Equal(2, _collections);
    }

    [Fact]
    public void Look_MostOfManyTopicsHaveGone_GivesTheirMemoryBackOnce()
    {
        _metrics.Topics(SiloMemory.ManyTopics);
        Look(100);
        _metrics.Topics(-SiloMemory.ManyTopics / 2);
        Look(100);
        Assert.Equal(0, _givenBack);

        _metrics.Topics(-SiloMemory.ManyTopics / 2);
        Look(100);
        Look(100);

        Assert.Equal(1, _givenBack);
    }

    [Fact]
    public void Look_FewTopicsHaveGone_GivesNothingBack()
    {
        _metrics.Topics(SiloMemory.ManyTopics - 1);
        Look(100);
        _metrics.Topics(1 - SiloMemory.ManyTopics);
        Look(100);

        Assert.Equal(0, _givenBack);
    }

    /// <summary>Regression test: an exception ended the task that reads the memory, and the pressure never changed again. The first reading here throws.</summary>
    [Fact]
    public async Task Watch_LookFails_GoesOn()
    {
        var looks = 0;
        var memory = new ProcessMemory(() => Interlocked.Increment(ref looks) == 1 ? throw new InvalidOperationException("as the test says") : 900, 1_000);
        var watch = new MemoryWatch(memory, new MemoryOptions { BudgetBytes = 800 }, _time);
        using var siloMemory = new SiloMemory(watch, memory, _metrics, _time, _log);
        var silo = new Lifecycle();
        siloMemory.Participate(silo);
        await silo.Observer!.OnStart(CancellationToken.None);

        await Deadline.UntilAsync("it looks again", () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            return watch.Pressure is not MemoryPressure.None;
        });

        Assert.Contains(LogLevel.Error, _log.Levels);
        await silo.Observer.OnStop(CancellationToken.None);
    }

    /// <summary>Tests a small heap in a container that is full of other memory. Without this check the kernel would kill the process.</summary>
    [Fact]
    public void Look_ContainerAlmostFull_IsExhaustedWhateverTheHeap()
    {
        _container = new ContainerUse(919, 1000);
        Assert.Equal(MemoryPressure.None, Look(100));
        _container = new ContainerUse(920, 1000);
        Assert.Equal(MemoryPressure.Exhausted, Look(100));

        _container = new ContainerUse(500, 1000);
        Assert.Equal(MemoryPressure.High, Look(100));
        _time.Advance(MemoryWatch.ShortestPressure);
        Assert.Equal(MemoryPressure.None, Look(100));
    }

    [Fact]
    public void Look_ContainerFillsUp_CollectsBeforeItIsFull()
    {
        _container = new ContainerUse(799, 1000);
        Look(100);
        Assert.Equal(0, _collections);

        _container = new ContainerUse(800, 1000);
        Look(100);
        Assert.Equal((1, MemoryPressure.None), (_collections, _watch.Pressure));
    }

    private MemoryPressure Look(long used)
    {
        _used = used;
        _silo.Look();
        return _watch.Pressure;
    }

    private sealed class Lifecycle : ISiloLifecycle
    {
        public ILifecycleObserver? Observer { get; private set; }

        public int HighestCompletedStage => 0;

        public int LowestStoppedStage => 0;

        public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
        {
            Observer = observer;
            return new CancellationTokenSource();
        }
    }

    private sealed class Lines : ILogger<SiloMemory>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
    }
}
