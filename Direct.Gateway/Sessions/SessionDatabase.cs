using System.Data;
using System.Globalization;
using Direct.Edge.Identity;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Membership;
using Microsoft.Extensions.Options;
using MySqlConnector;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Reads the original's tables <c>session</c> and <c>user</c>, with one query for any number of tokens. Their columns may have many types, so tokens
/// are sent and returned as hexadecimal digits, and numbers are returned as text.
/// </summary>
internal sealed partial class SessionDatabase : ISessionDatabase, IAsyncDisposable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly ILogger<SessionDatabase> _logger;
    private readonly int _maxConnections;
    private readonly ConnectionSlots _slots;
    private readonly TimeSpan _timeout;
    private readonly string _connectionString;
    private readonly string _settings;
    private readonly int _timeoutSeconds;
    private readonly ExpireUnit _expireUnit;
    private volatile SessionColumns? _columns;
    private int _isLimited;

    public SessionDatabase(IOptions<MySqlSessionOptions> options, IOptions<SessionOptions> sessions, ILogger<SessionDatabase> logger)
    {
        _logger = logger;
        _maxConnections = options.Value.MaxQueries + 3; // for the recheck of open connections, the circuit, and the names of users
        _slots = new ConnectionSlots(_maxConnections);
        _timeout = sessions.Value.Timeout;
        _expireUnit = options.Value.ExpireUnit;
        _timeoutSeconds = (int)Math.Ceiling(_timeout.TotalSeconds);
        var settings = new MySqlConnectionStringBuilder(options.Value.ConnectionString)
        {
            Pooling = true,
            MaximumPoolSize = (uint)_maxConnections,
            ConnectionReset = true, // checks whether a pooled connection is usable before it is used
            ConnectionTimeout = (uint)_timeoutSeconds,

            // A timeout closes the socket. The alternative, KILL QUERY, would block a thread of the pool while the database hangs.
            CancellationTimeout = -1,
        };
        _connectionString = settings.ConnectionString;
        Location = MySqlConnectionString.Location(_connectionString);

        // A server may begin connections with any settings, and restores them on a pooled connection. Each query therefore begins with the settings
        // that its result depends on, in the same packet. The last setting makes the database end queries that no caller waits for: MariaDB reads its
        // first form, MySQL the second.
        _settings = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
            SET SESSION autocommit = 1, sql_mode = '', sql_select_limit = 18446744073709551615, sql_big_selects = 1
                /*M!100101 , max_statement_time = {_timeout.TotalSeconds:0.###} */ /*!50708 , max_execution_time = {_timeout.TotalMilliseconds:0} */;
            """);
    }

    public string Location { get; }

    public Task<IReadOnlyList<Session>> FindAsync(IReadOnlyList<string> tokens, CancellationToken cancellationToken) => WithConnectionAsync(
        async connection =>
        {
            var found = await FindAsync(connection, _columns ??= await ReadColumnsAsync(connection), tokens);
            return (IReadOnlyList<Session>)[.. tokens.Select(token => found.GetValueOrDefault(token, new Session(SessionStatus.Unknown)))];
        },
        cancellationToken);

    public Task<IReadOnlyDictionary<long, UserInfo>> FindUsersAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        WithConnectionAsync(connection => FindUsersAsync(connection, ids), cancellationToken);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await WithConnectionAsync(
            async connection => await FindAsync(connection, _columns = await ReadColumnsAsync(connection), [""]),
            cancellationToken);
        _slots.Restore();
        if (_slots.Count == _maxConnections)
        {
            Volatile.Write(ref _isLimited, 0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await using var connection = new MySqlConnection(_connectionString);
        await MySqlConnection.ClearPoolAsync(connection);
        _slots.Dispose();
    }

    private async Task<T> WithConnectionAsync<T>(Func<MySqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = new MySqlConnection(_connectionString);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        var hasSlot = false;
        try
        {
            while (connection.State is not ConnectionState.Open)
            {
                if (!hasSlot)
                {
                    await _slots.WaitAsync(limit.Token);
                    hasSlot = true;
                }

                hasSlot = await TryOpenAsync(connection, limit.Token, cancellationToken);
            }

            return await work(connection);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"no connection became free within {_timeout.TotalSeconds:0.###} s");
        }
        catch (MySqlException)
        {
            // The pooled connections have probably failed for the same reason, and checking each would cost a timeout.
            await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None);
            throw;
        }
        finally
        {
            await connection.CloseAsync(); // first, so that it is in the pool when the next caller gets the slot
            if (hasSlot)
            {
                _slots.Release();
            }
        }
    }

    // A healthy server may allow no more connections, for this user or for all. This is not an outage: others are open, and one of them will become
    // free. Returns false if the slot is removed as well.
    private async Task<bool> TryOpenAsync(MySqlConnection connection, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (MySqlException exception) when (exception.ErrorCode is MySqlErrorCode.ConnectionCountError
            or MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.UserLimitReached)
        {
            if (Interlocked.Exchange(ref _isLimited, 1) == 0)
            {
                Log.Limited(_logger, Location, exception.Message);
            }

            if (_slots.TryRemove())
            {
                return false;
            }

            await Task.Delay(RetryInterval, limit);
            return true;
        }
    }

    private async Task<SessionColumns> ReadColumnsAsync(MySqlConnection connection)
    {
        var columns = SessionColumns.Of(await ReadAsync(connection, ColumnDescription.Sql, ColumnDescription.Of), _expireUnit);
        foreach (var probe in columns.Probes)
        {
            if (await ReadAsync(connection, probe.Sql, static row => row.GetInt64(0)) is [not 0])
            {
                throw new SessionTableException(probe.Error);
            }
        }

        return columns;
    }

    private async Task<List<T>> ReadAsync<T>(MySqlConnection connection, string sql, Func<MySqlDataReader, T> rowOf)
    {
        await using var command = Command(connection, sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(rowOf(reader));
        }

        return rows;
    }

    private async Task<Dictionary<string, Session>> FindAsync(MySqlConnection connection, SessionColumns columns, IEnumerable<string> tokens)
    {
        var found = new Dictionary<string, Session>();
        var asked = tokens.Where(columns.Token.CanHold).Distinct().ToArray();
        if (asked.Length == 0)
        {
            return found;
        }

        await using var command = Command(connection, Sql(columns, asked.Length));
        for (var i = 0; i < asked.Length; i++)
        {
            command.Parameters.AddWithValue(Parameter(i), asked[i]);
        }

        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var (token, user, isBlocked) = (Text(reader, 0), Number(Text(reader, 1)), Number(Text(reader, 2)) == 1);
            var session = new Session(isBlocked && user != 0 ? SessionStatus.Blocked : SessionStatus.Known, user);

            // Of several rows the first counts, but a user with two rows is blocked if either row says so.
            if (!found.TryAdd(token, session) && session.Status is SessionStatus.Blocked && found[token].UserId == user)
            {
                found[token] = session;
            }
        }

        return found;
    }

    // The database may treat different tokens as equal, for example if they differ in case, accents or trailing spaces. The query therefore returns
    // the tokens that it has found, and only identical bytes count.
    private static string Sql(SessionColumns columns, int tokens) => $"""
        SELECT {columns.Token.Digits}, CAST(s.`user_id` AS CHAR), {columns.Blocked}
        FROM `session` s LEFT JOIN `user` u ON u.`id` = s.`user_id`
        WHERE s.`token` IN ({string.Join(", ", Enumerable.Range(0, tokens).Select(i => columns.Token.Operand(Parameter(i))))})
            AND {columns.Alive}
        ORDER BY s.`expire` DESC, s.`user_id` DESC
        """;

    // The ids are Direct's own numbers and not text of a client. A name is converted from any character set that it is stored in.
    private async Task<IReadOnlyDictionary<long, UserInfo>> FindUsersAsync(MySqlConnection connection, IReadOnlyCollection<long> ids)
    {
        var sql = $"""
            SELECT CAST(u.`id` AS CHAR), CAST(u.`name` AS CHAR CHARACTER SET utf8mb4), CAST(u.`nick` AS CHAR CHARACTER SET utf8mb4),
                CAST(u.`image` AS CHAR CHARACTER SET utf8mb4)
            FROM `user` u WHERE u.`id` IN ({string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))})
            """;
        await using var command = Command(connection, sql);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<long, UserInfo>();
        while (await reader.ReadAsync())
        {
            found.TryAdd(Number(Text(reader, 0)), new UserInfo(TextOrNull(reader, 1), TextOrNull(reader, 2), TextOrNull(reader, 3)));
        }

        return found;
    }

    private MySqlCommand Command(MySqlConnection connection, string sql) =>
        new($"{_settings}\n{sql}", connection) { CommandTimeout = _timeoutSeconds + 1 };

    private static string? TextOrNull(MySqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static string Parameter(int index) => string.Create(CultureInfo.InvariantCulture, $"@t{index}");

    private static string Text(MySqlDataReader reader, int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    // NULL and values beyond 64 bits belong to no user.
    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.SessionConnectionsLimited, LogLevel.Warning,
            "{Location} allows no more connections, look-ups wait for those that are open: {Reason}")]
        public static partial void Limited(ILogger logger, string location, string reason);
    }
}
