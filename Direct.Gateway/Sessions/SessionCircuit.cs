using Direct.Edge.Node;
using Direct.Gateway.Diagnostics;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Implements a circuit breaker for the session database. It opens at the first look-up that fails, so that logins do not wait one by one for a
/// database that does not answer. It closes when a check, which runs every second meanwhile, has succeeded. Checks also run at longer intervals while
/// the database answers, so that a node without logins notices an outage.
/// </summary>
internal sealed partial class SessionCircuit(
    ISessionDatabase database, NodeGate gate, TimeProvider timeProvider, ILogger<SessionCircuit> logger)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _turn = new();
    private volatile string? _error;
    private long? _answeredAt;
    private bool _hasAnswered;

    public bool IsUp => _error is null;

    /// <summary>Records that a look-up was answered.</summary>
    /// <param name="startedAt">The timestamp at which the look-up began.</param>
    public void Answered(long startedAt)
    {
        lock (_turn)
        {
            _answeredAt = Math.Max(_answeredAt ?? startedAt, startedAt);
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

    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await CheckAsync(stoppingToken);
            var waited = TimeSpan.Zero;
            do
            {
                await Task.Delay(RetryInterval, timeProvider, stoppingToken);
                waited += RetryInterval;
            }
            while (IsUp && waited < CheckInterval);
        }
    }

    private async Task CheckAsync(CancellationToken stoppingToken)
    {
        var startedAt = timeProvider.GetTimestamp();
        try
        {
            await database.CheckAsync(stoppingToken);
            GoUp(startedAt);
        }
#pragma warning disable CA1031 // The top of a loop: after any error it has to be tried again.
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            lock (_turn)
            {
                // A check that found no free connection while look-ups used all of them says nothing about the database.
                if (_error is not null || exception is SessionTableException || !HasAnsweredSince(startedAt))
                {
                    GoDown(exception);
                }
            }
        }
    }

    private bool HasAnsweredSince(long timestamp) => _answeredAt > timestamp;

    private void GoUp(long startedAt)
    {
        lock (_turn)
        {
            var isNews = _error is not null || !_hasAnswered;
            _hasAnswered = true;
            Answered(startedAt);
            if (!isNews)
            {
                return;
            }

            Log.Answers(logger, database.Location);
            _error = null;
            gate.DegradedReason = null;
        }
    }

    // Logs once, and again if the reason changes, for example when the server is back without the tables.
    private void GoDown(Exception exception)
    {
        var error = exception.Message.ReplaceLineEndings(" ");
        if (error != _error)
        {
            Log.Fails(logger, database.Location, error);
        }

        _error = error;
        gate.DegradedReason = exception is SessionTableException ? $"sessions: {error}" : "sessions";
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.SessionsAnswer, LogLevel.Information, "Sessions are looked up in {Location}")]
        public static partial void Answers(ILogger logger, string location);

        [LoggerMessage(GatewayEventIds.SessionsFail, LogLevel.Warning, "Sessions cannot be looked up in {Location}: {Error}")]
        public static partial void Fails(ILogger logger, string location, string error);
    }
}
