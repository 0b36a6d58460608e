using System.Collections.Concurrent;
using System.Threading.Channels;
using Direct.Edge.Identity;
using Direct.Gateway.Diagnostics;
using Microsoft.Extensions.Options;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Implements a session store in MySQL. Tokens wait in one queue, and a few concurrent queries take as many as wait. Ten thousand logins at one
/// moment are a hundred queries, of which the database receives sixteen at once.
/// </summary>
internal sealed partial class MySqlSessionStore(
    ISessionDatabase database,
    SessionCircuit circuit,
    SessionCache cache,
    SessionMetrics metrics,
    IOptions<MySqlSessionOptions> options,
    IOptions<SessionOptions> sessions,
    TimeProvider timeProvider,
    ILogger<MySqlSessionStore> logger) : ISessionStore, IUserDirectory, IDisposable
{
    /// <summary>Specifies the largest number of tokens in one query.</summary>
    public const int BatchSize = 100;

    private readonly Channel<Lookup> _waiting = Channel.CreateUnbounded<Lookup>(); // bounded by the logins that the node lets wait
    private readonly ConcurrentDictionary<string, Lookup> _underWay = new();
    private readonly SemaphoreSlim _userQueries = new(1); // names of users may wait; logins use the other connections

    public ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        var digits = Convert.ToHexString(token.Span);
        if (cache.TryGet(digits, out var session))
        {
            metrics.CacheHit();
            return new ValueTask<Session>(session);
        }

        return circuit.IsUp
            ? new ValueTask<Session>(Join(digits).WaitAsync(cancellationToken))
            : new ValueTask<Session>(new Session(SessionStatus.Unavailable));
    }

    public async ValueTask<IReadOnlyList<Session>> FindAllAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken)
    {
        string[] digits = [.. tokens.Select(token => Convert.ToHexString(token.Span))];
        var found = await QueryAsync(digits, cancellationToken);
        for (var i = 0; i < digits.Length; i++)
        {
            if (found[i].Status is SessionStatus.Unknown or SessionStatus.Blocked)
            {
                cache.Remove(digits[i]); // a user who is disconnected now must not log in again with a cached session
            }
        }

        return found;
    }

    public async ValueTask<IReadOnlyDictionary<long, UserInfo>?> FindAsync(IReadOnlyCollection<long> userIds, CancellationToken cancellationToken)
    {
        long[] known = [.. userIds.Where(id => id > 0)]; // anonymous users are in no table
        if (known.Length == 0)
        {
            return new Dictionary<long, UserInfo>();
        }

        await _userQueries.WaitAsync(cancellationToken);
        try
        {
            return await QueryAsync(() => database.FindUsersAsync(known, cancellationToken), cancellationToken);
        }
        finally
        {
            _userQueries.Release();
        }
    }

    public void Dispose() => _userQueries.Dispose();

    public Task RunAsync(CancellationToken stoppingToken)
    {
        var lookUps = Enumerable.Range(0, options.Value.MaxQueries).Select(_ => LookUpAsync(stoppingToken));
        return Task.WhenAll([circuit.RunAsync(stoppingToken), .. lookUps]);
    }

    // Look-ups of the same token share one query. One that joins late may get a result from a moment before it was requested.
    private Task<Session> Join(string token)
    {
        var own = new Lookup(token, timeProvider.GetTimestamp());
        var lookup = _underWay.GetOrAdd(token, own);
        if (lookup == own)
        {
            _waiting.Writer.TryWrite(own);
        }
        else
        {
            metrics.Joined();
        }

        return lookup.Task;
    }

    private async Task LookUpAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Lookup>(BatchSize);
        while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            Take(batch);
            try
            {
                var found = await QueryAsync([.. batch.Select(lookup => lookup.Token)], stoppingToken);
                for (var i = 0; i < batch.Count; i++)
                {
                    Answer(batch[i], found[i]);
                }
            }
#pragma warning disable CA1031 // The top of a loop: an error in Direct must not end it, because every later login with one of these tokens would wait for a look-up that is never answered.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.LookupFailed(logger, exception, batch.Count);
                batch.ForEach(lookup => Complete(lookup, new Session(SessionStatus.Unavailable)));
            }
        }
    }

    private void Take(List<Lookup> batch)
    {
        batch.Clear();
        while (batch.Count < BatchSize && _waiting.Reader.TryRead(out var lookup))
        {
            if (timeProvider.GetElapsedTime(lookup.RequestedAt) < sessions.Value.Timeout)
            {
                batch.Add(lookup);
            }
            else
            {
                Answer(lookup, new Session(SessionStatus.Unavailable)); // no login waits for it any more
            }
        }
    }

    private async Task<IReadOnlyList<Session>> QueryAsync(string[] tokens, CancellationToken cancellationToken) =>
        tokens.Length == 0 ? [] : await QueryAsync(() => database.FindAsync(tokens, cancellationToken), cancellationToken)
            ?? [.. Enumerable.Repeat(new Session(SessionStatus.Unavailable), tokens.Length)];

    // Returns null if the database cannot answer now.
    private async Task<T?> QueryAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        if (!circuit.IsUp)
        {
            return null;
        }

        var (startedAt, isAnswered) = (timeProvider.GetTimestamp(), false);
        metrics.QueryStarted();
        try
        {
            var found = await ask();
            isAnswered = true;
            circuit.Answered(startedAt);
            return found;
        }
#pragma warning disable CA1031 // The top of a loop: after any error of the database the next query must be sent.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            circuit.Failed(exception, startedAt);
            return null;
        }
        finally
        {
            metrics.QueryEnded(isAnswered, timeProvider.GetElapsedTime(startedAt));
        }
    }

    private void Answer(Lookup lookup, Session session)
    {
        if (session is { Status: SessionStatus.Known, UserId: not 0 })
        {
            cache.Add(lookup.Token, session);
        }

        Complete(lookup, session);
    }

    // May be called more than once: the next look-up of the same token may be in flight by now.
    private void Complete(Lookup lookup, Session session)
    {
        _underWay.TryRemove(KeyValuePair.Create(lookup.Token, lookup));
        lookup.TrySetResult(session);
    }

    /// <summary>Represents a token that waits, and all callers that wait for it.</summary>
    private sealed class Lookup(string token, long requestedAt)
        : TaskCompletionSource<Session>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Token { get; } = token;

        public long RequestedAt { get; } = requestedAt;
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.SessionLookupFailed, LogLevel.Error, "Looking up {Sessions} sessions failed because of an error in this node: their logins are closed as if the database were down")]
        public static partial void LookupFailed(ILogger logger, Exception exception, int sessions);
    }
}
