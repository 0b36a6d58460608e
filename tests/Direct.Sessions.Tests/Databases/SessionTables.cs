using System.Text;
using System.Text.Unicode;
using Direct.Testing.Databases;
using MySqlConnector;

namespace Direct.Sessions.Tests.Databases;

/// <summary>Represents the session tables of the original Direct in a separate database of one test.</summary>
public sealed class SessionTables
{
    private readonly string _administrator;
    private readonly Columns _columns;

    private SessionTables(MariaDb server, string name, Columns columns, string user)
    {
        Name = name;
        _administrator = server.ConnectionString();
        _columns = columns;
        ConnectionString = server.ConnectionString(name, user);
    }

    public string Name { get; }

    /// <summary>Gets the value for <c>Direct:Sessions:ConnectionString</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>Creates the database and its tables.</summary>
    /// <param name="server">The database server.</param>
    /// <param name="name">The name of the database.</param>
    /// <param name="columns">The types of the columns.</param>
    /// <param name="user">The user in <see cref="ConnectionString"/>.</param>
    public static async Task<SessionTables> CreateAsync(MariaDb server, string name, Columns columns, string user = MariaDb.User)
    {
        var tables = new SessionTables(server, name, columns, user);
        await tables.ReadAsync(
            $"""
            CREATE DATABASE {name};
            CREATE TABLE {name}.session (token {columns.Token}, user_id {columns.UserId}, expire {columns.Expire}, {columns.TokenIndex});
            CREATE TABLE {name}.user (id {columns.Id}, name TEXT, nick TEXT, image TEXT, blocked {columns.Blocked}, KEY (id))
            """);
        return tables;
    }

    /// <summary>Adds a session whose token is this text, stored as any client of the database would store it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="user">The value of <c>user_id</c>, as SQL.</param>
    /// <param name="secondsLeft">How long the session is still valid; negative when it has ended.</param>
    public Task AddSessionAsync(string token, string user, int secondsLeft = 3600) =>
        AddSessionAsync(Encoding.UTF8.GetBytes(token), user, secondsLeft);

    public Task AddSessionAsync(byte[] token, string user, int secondsLeft = 3600) =>
        InTableAsync($"INSERT INTO session VALUES ({Literal(token)}, {user}, {_columns.ExpiresIn(secondsLeft)})");

    /// <param name="id">The user id.</param>
    /// <param name="blocked">The value of <c>blocked</c>, as SQL.</param>
    public Task AddUserAsync(long id, string blocked) =>
        InTableAsync(FormattableString.Invariant($"INSERT INTO user (id, name, blocked) VALUES ({id}, 'somebody', {blocked})"));

    /// <summary>Runs statements with this database as the current one.</summary>
    public Task InTableAsync(string sql) => ReadAsync($"USE {Name}; {sql}");

    /// <summary>Runs statements in an open transaction, which is rolled back when the returned object is disposed.</summary>
    public async Task<IAsyncDisposable> BeginAsync(string sql)
    {
        var connection = new MySqlConnection(_administrator + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"{OddDefaults.Undo} USE {Name}; START TRANSACTION; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Returns the first column of the first row.</summary>
    public async Task<object?> ReadAsync(string sql)
    {
        await using var connection = new MySqlConnection(_administrator);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(OddDefaults.Undo + sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static string Literal(byte[] token) =>
        token.All(letter => char.IsAsciiLetterOrDigit((char)letter) || letter == '-') ? $"'{Encoding.ASCII.GetString(token)}'"
        : Utf8.IsValid(token) ? $"CONVERT(0x{Convert.ToHexString(token)} USING utf8mb4)"
        : $"0x{Convert.ToHexString(token)}";
}
