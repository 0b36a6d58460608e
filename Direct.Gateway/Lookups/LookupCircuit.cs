using Direct.Edge.Node;
using Direct.Lookups;

namespace Direct.Gateway.Lookups;

/// <summary>
/// Implements a circuit breaker for a source of look-ups. It opens at the first look-up that fails, so that callers do not wait one by one for a
/// source that does not answer; or only if a check fails too, where a look-up may fail because of what is asked for. It closes when a check, which runs every second meanwhile, has succeeded. Checks also run at longer intervals while
/// the source answers, so that a node without look-ups notices an outage.
/// </summary>
/// <param name="name">What is looked up, as <c>/readyz</c> names it while the source is down.</param>
/// <param name="gate">Reports at <c>/readyz</c> that the source is down.</param>
/// <param name="metrics">The instruments of the look-ups.</param>
/// <param name="timeProvider">The clock.</param>
internal abstract class LookupCircuit(string name, NodeGate gate, LookupMetrics metrics, TimeProvider timeProvider)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _turn = new();
    private volatile string? _error;
    private long? _answeredAt;
    private bool _hasAnswered;
    private string? _problem;
    private long _problemAt;

    public bool IsUp => _error is null;

    /// <summary>Runs a query, unless the source is down. Returns null if it cannot answer now.</summary>
    public async Task<T?> QueryAsync<T>(Func<Task<T>> query, CancellationToken cancellationToken)
        where T : class
    {
        if (!IsUp)
        {
            return null;
        }

        var (startedAt, isAnswered) = (timeProvider.GetTimestamp(), false);
        metrics.QueryStarted();
        try
        {
            var found = await query();
            isAnswered = true;
            Answered(startedAt);
            return found;
        }
#pragma warning disable CA1031 // The top of a loop: after any error of the source the next query must be sent.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            await FailedAsync(exception, startedAt, cancellationToken);
            return null;
        }
        finally
        {
            metrics.QueryEnded(isAnswered, timeProvider.GetElapsedTime(startedAt));
        }
    }

    /// <summary>Records that a look-up has failed.</summary>
    /// <param name="exception">The error.</param>
    /// <param name="startedAt">The timestamp at which the look-up began. Answers since then are newer than this failure.</param>
    public void Failed(Exception exception, long startedAt)
    {
        lock (_turn)
        {
            if (_error is null && !HasAnsweredSince(startedAt))
            {
                GoDown(exception);
            }
        }
    }

    /// <summary>
    /// Records that the source answers, but that the answer for one key cannot be used. <c>/readyz</c> shows the problem until no other has followed
    /// it for a few seconds.
    /// </summary>
    public void Report(string problem)
    {
        lock (_turn)
        {
            problem = problem.ReplaceLineEndings(" ");
            var isNews = _problem is null;
            (_problem, _problemAt) = (problem, timeProvider.GetTimestamp());
            if (isNews)
            {
                LogFails(problem);
                if (_error is null)
                {
                    gate.Degrade(name, $"{name}: {Shown(problem)}");
                }
            }
        }
    }

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await CheckOnceAsync(stoppingToken);
            var waited = TimeSpan.Zero;
            do
            {
                await Task.Delay(RetryInterval, timeProvider, stoppingToken);
                waited += RetryInterval;
            }
            while (IsUp && waited < CheckInterval);
        }
    }

    /// <summary>Checks that the source answers and that its answers can be used.</summary>
    /// <exception cref="UnusableSourceException">It answers, but its answers cannot be used.</exception>
    protected abstract Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>Gets whether a look-up may fail because of what is asked for, so that a failure says nothing about other look-ups.</summary>
    protected virtual bool ChecksAfterFailure => false;

    /// <summary>Returns what <c>/readyz</c>, which anyone may read, shows of a problem.</summary>
    protected virtual string Shown(string problem) => problem;

    protected abstract void LogAnswers();

    protected abstract void LogFails(string error);

    private async Task FailedAsync(Exception exception, long startedAt, CancellationToken cancellationToken)
    {
        if (!ChecksAfterFailure)
        {
            Failed(exception, startedAt);
            return;
        }

        await CheckOnceAsync(cancellationToken);
        if (IsUp)
        {
            Report(exception.Message);
        }
    }

    private async Task CheckOnceAsync(CancellationToken stoppingToken)
    {
        var startedAt = timeProvider.GetTimestamp();
        try
        {
            await CheckAsync(stoppingToken);
            GoUp(startedAt);
        }
#pragma warning disable CA1031 // The top of a loop: after any error it has to be tried again.
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            lock (_turn)
            {
                // A check that found no free connection while look-ups used all of them says nothing about the source.
                if (_error is not null || exception is UnusableSourceException || !HasAnsweredSince(startedAt))
                {
                    GoDown(exception);
                }
            }
        }
    }

    private bool HasAnsweredSince(long timestamp) => _answeredAt > timestamp;

    private void Answered(long startedAt)
    {
        lock (_turn)
        {
            _answeredAt = Math.Max(_answeredAt ?? startedAt, startedAt);
        }
    }

    private void GoUp(long startedAt)
    {
        lock (_turn)
        {
            if (_error is not null || !_hasAnswered)
            {
                LogAnswers();
            }

            _hasAnswered = true;
            Answered(startedAt);
            if (_problem is not null && timeProvider.GetElapsedTime(_problemAt) >= CheckInterval)
            {
                _problem = null;
            }

            _error = null;
            gate.Degrade(name, _problem is null ? null : $"{name}: {Shown(_problem)}");
        }
    }

    // Logs once, and again if the reason changes, for example when the server is back without the tables.
    private void GoDown(Exception exception)
    {
        var error = exception.Message.ReplaceLineEndings(" ");
        if (error != _error)
        {
            LogFails(error);
        }

        _error = error;
        gate.Degrade(name, exception is UnusableSourceException ? $"{name}: {Shown(error)}" : name);
    }
}
