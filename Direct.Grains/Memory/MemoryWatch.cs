using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Grains.Memory;

/// <summary>
/// Compares the memory of this process with its budget, four times a second. Strangers decide how many topics there are; near the end
/// of its memory a silo refuses new ones, which can be tried again, rather than end and take all others with it.
/// </summary>
/// <remarks>
/// It asks for collections in two cases, because the collector runs by itself only when something is allocated. Under pressure: what the
/// refused have left behind would otherwise count for as long as the silo is quiet. And when most of many topics have gone: their memory
/// stays with the process until then, measured as 517 MB a minute after 30,000 random joins, against 166 MB.
/// </remarks>
internal sealed partial class MemoryWatch : IMemoryWatch, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>How long the pressure lasts at least, so that a heap that goes up and down does not fill the log.</summary>
    public static readonly TimeSpan ShortestPressure = TimeSpan.FromSeconds(5);

    /// <summary>Fewer topics than that are not worth standing still for.</summary>
    public const int ManyTopics = 20_000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly ProcessMemory _memory;
    private readonly GrainMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<MemoryWatch> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private volatile MemoryPressure _pressure;
    private long _since;
    private long? _collectedAt;
    private long _mostTopics;

    public MemoryWatch(
        ProcessMemory memory, IOptions<MemoryOptions> options, GrainMetrics metrics, TimeProvider timeProvider, ILogger<MemoryWatch> logger)
    {
        (_memory, _metrics, _timeProvider, _logger) = (memory, metrics, timeProvider, logger);
        Budget = options.Value.BudgetBytes > 0 ? options.Value.BudgetBytes : memory.Available / 4 * 3;
        metrics.ObserveMemory(memory.Used, Budget, () => Pressure is not MemoryPressure.None);
    }

    /// <summary>Bytes from which on the pressure is high.</summary>
    public long Budget { get; }

    /// <summary>Bytes from which on it is critical.</summary>
    public long CriticalBytes => Budget + (Budget / 8);

    public MemoryPressure Pressure => _pressure;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(MemoryWatch), ServiceLifecycleStage.ApplicationServices, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    /// <summary>Compares once.</summary>
    public void Look()
    {
        var used = _memory.Used();
        var before = _pressure;
        _pressure = used >= CriticalBytes ? MemoryPressure.Critical
            : used >= Budget || (before is not MemoryPressure.None && !HasPassed(used)) ? MemoryPressure.High
            : MemoryPressure.None;
        if (before is MemoryPressure.None && _pressure is not MemoryPressure.None)
        {
            _since = _timeProvider.GetTimestamp();
            Log.Entered(_logger, used, Budget);
        }
        else if (before is not MemoryPressure.None && _pressure is MemoryPressure.None)
        {
            Log.Left(_logger, used, Budget, _timeProvider.GetElapsedTime(_since));
        }

        CollectUnderPressure();
        GiveBackWhatHasGone();
    }

    private void CollectUnderPressure()
    {
        if (_pressure is not MemoryPressure.None && !(_collectedAt is { } last && _timeProvider.GetElapsedTime(last) < ShortestPressure))
        {
            _collectedAt = _timeProvider.GetTimestamp();
            _memory.Collect();
        }
    }

    // Not before most have gone, so that there is little left to be looked through while the process stands still.
    private void GiveBackWhatHasGone()
    {
        var topics = _metrics.TopicCount;
        _mostTopics = Math.Max(_mostTopics, topics);
        if (_mostTopics >= ManyTopics && topics <= _mostTopics / 8)
        {
            _mostTopics = topics;
            _memory.GiveBack();
        }
    }

    private bool HasPassed(long used) => used < Budget / 10 * 9 && _timeProvider.GetElapsedTime(_since) >= ShortestPressure;

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = Task.Run(WatchAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(LookInterval, _timeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token))
        {
            try
            {
                Look();
            }
#pragma warning disable CA1031 // The top of a loop: a silo that looked no more would refuse topics for ever, or none.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LookFailed(_logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.MemoryWatchFailed, LogLevel.Error, "Looking at the memory of this process failed, trying again")]
        public static partial void LookFailed(ILogger logger, Exception exception);

        [LoggerMessage(
            GrainEventIds.MemoryPressure,
            LogLevel.Warning,
            "The heap has {Used} bytes and its budget is {Budget}: rooms and users that this silo does not know are refused until there is less. Those it knows go on")]
        public static partial void Entered(ILogger logger, long used, long budget);

        [LoggerMessage(
            GrainEventIds.MemoryPressureEnded,
            LogLevel.Information,
            "The heap has {Used} bytes and its budget is {Budget}: rooms and users are taken again after {Duration}")]
        public static partial void Left(ILogger logger, long used, long budget, TimeSpan duration);
    }
}
