using Direct.Memory;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Memory;

/// <summary>
/// Watches the memory of a silo. Clients decide how many topics there are. Close to its memory limit a silo refuses new topics, which can be tried
/// again, because it would lose all topics if it ended.
/// </summary>
/// <remarks>
/// After most of many topics have gone, it returns their memory to the system; otherwise the process would keep it. Measured a minute after 30,000
/// random joins: 166 MB instead of 517 MB.
/// </remarks>
internal sealed partial class SiloMemory : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>Specifies the number of topics below which the process is not paused to return memory.</summary>
    public const int ManyTopics = 20_000;

    private readonly MemoryWatch _watch;
    private readonly ProcessMemory _memory;
    private readonly GrainMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<SiloMemory> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private MemoryPressure _reported;
    private long _mostTopics;

    public SiloMemory(MemoryWatch watch, ProcessMemory memory, GrainMetrics metrics, TimeProvider timeProvider, ILogger<SiloMemory> logger)
    {
        (_watch, _memory, _metrics, _timeProvider, _logger) = (watch, memory, metrics, timeProvider, logger);
        metrics.ObserveMemory(() => watch.Used, watch.Budget, () => watch.Pressure is not MemoryPressure.None);
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloMemory), ServiceLifecycleStage.ApplicationServices, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    /// <summary>Compares the memory in use with the budget once.</summary>
    public void Look()
    {
        _watch.Look();
        var pressure = _watch.Pressure;
        if (_reported is MemoryPressure.None && pressure is not MemoryPressure.None)
        {
            Log.Entered(_logger, _watch.Used, _watch.Budget);
        }
        else if (_reported is not MemoryPressure.None && pressure is MemoryPressure.None)
        {
            Log.Left(_logger, _watch.Used, _watch.Budget, _watch.Duration);
        }

        _reported = pressure;
        GiveBackWhatHasGone();
    }

    // Only after most topics have gone, so that little is left to scan while the process is paused.
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
        using var timer = new PeriodicTimer(MemoryWatch.LookInterval, _timeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token))
        {
            try
            {
                Look();
            }
#pragma warning disable CA1031 // The top of a loop: otherwise the silo would refuse new topics for ever, or none.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LookFailed(_logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.MemoryWatchFailed, LogLevel.Error, "Reading the memory of this process failed, trying again")]
        public static partial void LookFailed(ILogger logger, Exception exception);

        [LoggerMessage(
            GrainEventIds.MemoryPressure,
            LogLevel.Warning,
            "The heap has {Used} bytes and its budget is {Budget}: rooms and users that this silo does not know are refused until there is less. Known ones continue")]
        public static partial void Entered(ILogger logger, long used, long budget);

        [LoggerMessage(
            GrainEventIds.MemoryPressureEnded,
            LogLevel.Information,
            "The heap has {Used} bytes and its budget is {Budget}: new rooms and users are accepted again after {Duration}")]
        public static partial void Left(ILogger logger, long used, long budget, TimeSpan duration);
    }
}
