using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Lifetime;

/// <summary>
/// Looks up the sessions of open connections again, many at once. It closes connections whose session has ended or whose user has been blocked. If
/// the store cannot answer, no connection is closed.
/// </summary>
internal sealed partial class SessionRecheck(
    SessionStoreInUse sessions,
    ConnectionRegistry registry,
    GatewayMetrics metrics,
    IOptions<SessionOptions> options,
    TimeProvider timeProvider,
    ILogger<SessionRecheck> logger) : BackgroundService
{
    /// <summary>Specifies the number of tokens in one look-up.</summary>
    public const int BatchSize = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.RecheckInterval;
        if (sessions.Store is not { } store || interval == TimeSpan.Zero)
        {
            return;
        }

        // Spreads the look-ups of gateways that were started together.
        var delay = interval * Random.Shared.NextDouble();
        while (true)
        {
            await Task.Delay(delay, timeProvider, stoppingToken);
            await RoundAsync(store, stoppingToken);
            delay = interval;
        }
    }

    internal async Task RoundAsync(ISessionStore store, CancellationToken stoppingToken)
    {
        foreach (var batch in registry.Connections
            .Where(static connection => connection is { Token: not null, CloseReason: null })
            .Select(static connection => (Connection: connection, Token: connection.Token!))
            .Chunk(BatchSize))
        {
            var found = await FindAsync(store, batch, stoppingToken);
            if (found is null || found.Any(session => session.Status is SessionStatus.Unavailable))
            {
                metrics.SessionsRechecked("unavailable", batch.Length);
                return; // the next round repeats the look-up
            }

            // A session that was replaced during the look-up is checked in the next round.
            (Connection Connection, CloseReason? Reason)[] refusals =
                [.. batch.Zip(found, (looked, session) => (looked.Connection, looked.Connection.Token == looked.Token ? Refusal(looked.Connection, session) : null))];
            foreach (var (connection, reason) in refusals)
            {
                if (reason is not null)
                {
                    connection.BeginClose(reason);
                }
            }

            foreach (var outcome in refusals.CountBy(refusal => refusal.Reason?.Label ?? "kept"))
            {
                metrics.SessionsRechecked(outcome.Key, outcome.Value);
            }
        }
    }

    private async Task<IReadOnlyList<Session>?> FindAsync(ISessionStore store, (Connection Connection, byte[] Token)[] batch, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            var tokens = Array.ConvertAll(batch, static looked => (ReadOnlyMemory<byte>)looked.Token);
            return await store.FindAllAsync(tokens, either.Token).AsTask().WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // The top of a loop: an error of the store must not end the node.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
            return null;
        }
    }

    // A token that belongs to another user now no longer identifies this session.
    private CloseReason? Refusal(Connection connection, Session session) => session switch
    {
        _ when session.Status is SessionStatus.Unknown || session.UserId != connection.UserId => CloseReason.SessionExpired,
        { Status: SessionStatus.Blocked } when !options.Value.AllowBlocked => CloseReason.UserBlocked,
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.SessionRecheckFailed, LogLevel.Error,
            "Looking up the sessions of open connections failed, trying again at the next check")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
