using Direct.Edge.Node;
using Direct.Gateway.Diagnostics;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Whether the database can be asked now. Down from the first look-up that fails, so that logins need not wait one by one for what will
/// not come; up again when a check, made every second meanwhile, has succeeded. Checked now and then while all is well, too: a node
/// where nobody logs in should know.
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
    /// <param name="startedAt">When it began, as a timestamp.</param>
    public void Answered(long startedAt)
    {
        lock (_turn)
        {
            _answeredAt = Math.Max(_answeredAt ?? startedAt, startedAt);
        }
    }

    /// <summary>Records that a look-up has failed.</summary>
    /// <param name="exception">How.</param>
    /// <param name="startedAt">When it began, as a timestamp. What has been answered since is newer than what it knows.</param>
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
#pragma warning disable CA1031 // The top of a loop: whatever it is, it has to be tried again.
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            lock (_turn)
            {
                // A check that found no connection free while look-ups had them all says nothing of the database.
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

    // Says so once, and again when the reason is another: the server is back, but has not the tables.
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
