using System.Globalization;
using Direct.Edge.Identity;
using Direct.Gateway.Lookups;
using Microsoft.Extensions.Options;
using MySqlConnector;
using SessionOptions = Direct.Edge.Identity.SessionOptions;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Reads the original's tables <c>session</c> and <c>user</c>, with one query for any number of tokens. Their columns may have many types, so tokens
/// are sent and returned as hexadecimal digits, and numbers are returned as text.
/// </summary>
internal sealed class SessionDatabase : ISessionDatabase, IAsyncDisposable
{
    private readonly MySqlConnections _connections;
    private readonly ExpireUnit _expireUnit;
    private volatile SessionColumns? _columns;

    public SessionDatabase(IOptions<MySqlSessionOptions> options, IOptions<SessionOptions> sessions, ILogger<SessionDatabase> logger)
    {
        var maxConnections = options.Value.MaxQueries + 3; // for the recheck of open connections, the circuit, and the names of users
        _connections = new MySqlConnections(
            new MySqlConnectionStringBuilder(options.Value.ConnectionString), maxConnections, sessions.Value.Timeout, logger);
        _expireUnit = options.Value.ExpireUnit;
    }

    public string Location => _connections.Location;

    public Task<IReadOnlyList<Session>> FindAsync(IReadOnlyList<string> tokens, CancellationToken cancellationToken) => _connections.UseAsync(
        async (connection, _) =>
        {
            var found = await FindAsync(connection, _columns ??= await ReadColumnsAsync(connection), tokens);
            return (IReadOnlyList<Session>)[.. tokens.Select(token => found.GetValueOrDefault(token, new Session(SessionStatus.Unknown)))];
        },
        cancellationToken);

    public Task<IReadOnlyDictionary<long, UserInfo>> FindUsersAsync(IReadOnlyCollection<long> ids, CancellationToken cancellationToken) =>
        _connections.UseAsync((connection, _) => FindUsersAsync(connection, ids), cancellationToken);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await _connections.UseAsync(
            async (connection, _) => await FindAsync(connection, _columns = await ReadColumnsAsync(connection), [""]),
            cancellationToken);
        _connections.Restore();
    }

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

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
        await using var command = _connections.Command(connection, sql);
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

        await using var command = _connections.Command(connection, Sql(columns, asked.Length));
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
        await using var command = _connections.Command(connection, sql);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<long, UserInfo>();
        while (await reader.ReadAsync())
        {
            found.TryAdd(Number(Text(reader, 0)), new UserInfo(TextOrNull(reader, 1), TextOrNull(reader, 2), TextOrNull(reader, 3)));
        }

        return found;
    }

    private static string? TextOrNull(MySqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static string Parameter(int index) => string.Create(CultureInfo.InvariantCulture, $"@t{index}");

    private static string Text(MySqlDataReader reader, int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    // NULL and values beyond 64 bits belong to no user.
    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
