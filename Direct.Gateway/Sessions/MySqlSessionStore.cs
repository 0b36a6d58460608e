using Direct.Edge.Identity;
using Direct.Gateway.Diagnostics;
using Direct.Lookups;
using Microsoft.Extensions.Options;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Implements a session store in MySQL. Tokens are looked up many at once. Ten thousand logins at one moment are a hundred queries, of which the
/// database receives sixteen at once.
/// </summary>
internal sealed partial class MySqlSessionStore : ISessionStore, IUserDirectory, IDisposable
{
    /// <summary>Specifies the largest number of tokens in one query.</summary>
    public const int BatchSize = 100;

    /// <summary>Specifies the largest number of cached sessions, so that a user who reconnects with ten tabs is looked up once.</summary>
    public const int MaxCached = 10_000;

    private static readonly Session Unavailable = new(SessionStatus.Unavailable);

    private readonly ISessionDatabase _database;
    private readonly SessionCircuit _circuit;
    private readonly BatchedLookup<string, Session> _lookup;
    private readonly SemaphoreSlim _userQueries = new(1); // names of users may wait; logins use the other connections

    public MySqlSessionStore(
        ISessionDatabase database,
        SessionCircuit circuit,
        [FromKeyedServices(DirectSessions.Area)] LookupMetrics metrics,
        IOptions<MySqlSessionOptions> options,
        IOptions<SessionOptions> sessions,
        TimeProvider timeProvider,
        ILogger<MySqlSessionStore> logger)
    {
        (_database, _circuit) = (database, circuit);

        // A session that has ended, or whose user is blocked, is not cached, so that a new one is found at once.
        var settings = new LookupSettings<Session>(
            options.Value.MaxQueries, BatchSize, sessions.Value.Timeout, options.Value.CacheFor, MaxCached, Unavailable,
            MayCache: static session => session is { Status: SessionStatus.Known, UserId: not 0 });
        _lookup = new BatchedLookup<string, Session>(
            QueryAsync, settings, metrics, timeProvider, (exception, count) => Log.LookupFailed(logger, exception, count));
    }

    public ValueTask<Session> FindAsync(ReadOnlyMemory<byte> token, CancellationToken cancellationToken)
    {
        var digits = Convert.ToHexString(token.Span);
        if (_lookup.TryGetCached(digits, out var session))
        {
            return new ValueTask<Session>(session);
        }

        return _circuit.IsUp
            ? new ValueTask<Session>(_lookup.FindAsync(digits, out _).WaitAsync(cancellationToken))
            : new ValueTask<Session>(Unavailable);
    }

    // A user who is disconnected now must not log in again with a cached session.
    public ValueTask<IReadOnlyList<Session>> FindAllAsync(IReadOnlyList<ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken) =>
        _lookup.FindFreshAsync([.. tokens.Select(token => Convert.ToHexString(token.Span))], cancellationToken);

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
            return await _circuit.QueryAsync(() => _database.FindUsersAsync(known, cancellationToken), cancellationToken);
        }
        finally
        {
            _userQueries.Release();
        }
    }

    public void Dispose() => _userQueries.Dispose();

    public Task RunAsync(CancellationToken stoppingToken) => Task.WhenAll(_circuit.RunAsync(stoppingToken), _lookup.RunAsync(stoppingToken));

    private async ValueTask<IReadOnlyList<Session>> QueryAsync(IReadOnlyList<string> tokens, CancellationToken cancellationToken) =>
        await _circuit.QueryAsync(() => _database.FindAsync(tokens, cancellationToken), cancellationToken)
            ?? [.. Enumerable.Repeat(Unavailable, tokens.Count)];

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.SessionLookupFailed, LogLevel.Error, "Looking up {Sessions} sessions failed because of an error in this node: their logins are closed as if the database were down")]
        public static partial void LookupFailed(ILogger logger, Exception exception, int sessions);
    }
}
