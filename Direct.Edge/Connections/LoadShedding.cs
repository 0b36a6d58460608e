using Direct.Edge.Diagnostics;
using Direct.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Connections;

/// <summary>
/// Closes slow readers while the queues exceed their budget, or while the process is close to its memory limit. Connections with the longest queues
/// are closed first. It runs on its own thread, because a gateway that is short of memory is usually busy too, and this work must not wait for the
/// thread pool.
/// </summary>
internal sealed partial class LoadShedding : IHostedService, IDisposable
{
    // Each check visits every connection, and the memory of closed connections is not freed at once.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    // While memory is used up, a client may broadcast once in this time.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly ConnectionRegistry _registry;
    private readonly QueueBudget _queues;
    private readonly MemoryWatch _watch;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<LoadShedding> _logger;
    private readonly Thread _thread;
    private volatile bool _isStopping;
    private bool _isReported;
    private long _since;
    private long _lastSeen;
    private long _letOnAt;
    private long _closedBefore;
    private long _refusedBefore;

    public LoadShedding(
        ConnectionRegistry registry,
        QueueBudget queues,
        MemoryWatch watch,
        GatewayMetrics metrics,
        TimeProvider timeProvider,
        ILogger<LoadShedding> logger)
    {
        (_registry, _queues, _watch, _timeProvider, _logger) = (registry, queues, watch, timeProvider, logger);
        _thread = new Thread(Run) { Name = "direct-memory", IsBackground = true };
        metrics.ObserveMemory(queues);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _thread.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _isStopping = true;
        if (_thread.IsAlive)
        {
            _thread.Join(); // it waits for an object that is disposed of next
        }
    }

    /// <summary>Compares the memory in use with the budget once, and closes slow readers if necessary.</summary>
    public void Look()
    {
        _watch.Look();
        if (_queues.MustShed)
        {
            CloseSlowReaders();
        }

        var now = _timeProvider.GetTimestamp();
        if (_queues.Pressure is not MemoryPressure.Exhausted || _timeProvider.GetElapsedTime(_letOnAt, now) >= LongestWait)
        {
            _letOnAt = now;
            _queues.LetOn();
        }

        Report(now);
    }

    private void Run()
    {
        while (!_isStopping)
        {
            _queues.WaitUntilHigh(MemoryWatch.LookInterval);
            Look();
            if (_queues.Pressure is not MemoryPressure.None)
            {
                Thread.Sleep(ShortestPause);
            }
        }
    }

    private void CloseSlowReaders()
    {
        var behind = new List<(long Bytes, Connection Connection)>();
        foreach (var connection in _registry.EachConnection)
        {
            if (connection.WaitingBytes is > 0 and var bytes)
            {
                behind.Add((bytes, connection));
            }
        }

        behind.Sort(static (one, other) => other.Bytes.CompareTo(one.Bytes));
        foreach (var (_, connection) in behind)
        {
            if (_queues.IsRelieved)
            {
                return;
            }

            connection.Shed();
        }
    }

    // Logs a line when the shortage begins, and one when it has been over for a while. Otherwise a busy hour would fill the log.
    private void Report(long now)
    {
        var isUnderPressure = _queues.Pressure is not MemoryPressure.None
            || _queues.ClosedReaders + _queues.RefusedSignals > _closedBefore + _refusedBefore;
        if (isUnderPressure && !_isReported)
        {
            (_isReported, _since) = (true, now);
            Log.Entered(_logger, _queues.Used, _queues.Bytes, _watch.Used, _watch.Budget);
        }

        if (!_isReported)
        {
            return;
        }

        if (_queues.Pressure is not MemoryPressure.None)
        {
            _lastSeen = now;
        }
        else if (_timeProvider.GetElapsedTime(Math.Max(_lastSeen, _since), now) >= MemoryWatch.ShortestPressure)
        {
            Log.Left(_logger, _queues.ClosedReaders - _closedBefore, _queues.RefusedSignals - _refusedBefore, _timeProvider.GetElapsedTime(_since, now));
            (_isReported, _closedBefore, _refusedBefore) = (false, _queues.ClosedReaders, _queues.RefusedSignals);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EdgeEventIds.MemoryShort,
            LogLevel.Warning,
            "Memory is short: the queues hold {Queued} bytes of {QueueBytes}, the heap {Used} bytes of {Budget}. The connections with the longest queues are closed as slow; if that is not enough, signals are answered 503")]
        public static partial void Entered(ILogger logger, long queued, long queueBytes, long used, long budget);

        [LoggerMessage(
            EdgeEventIds.MemoryShortEnded,
            LogLevel.Information,
            "Memory is available again: {Connections} connections were closed as slow and {Signals} signals refused within {Duration}")]
        public static partial void Left(ILogger logger, long connections, long signals, TimeSpan duration);
    }
}
