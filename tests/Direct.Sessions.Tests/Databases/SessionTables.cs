using System.Text;
using System.Text.Unicode;
using Direct.Testing.Databases;
using MySqlConnector;

namespace Direct.Sessions.Tests.Databases;

/// <summary>Represents the tables of the original, in a database of one test.</summary>
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

    /// <summary>For <c>Direct:Sessions:ConnectionString</c>.</summary>
    public string ConnectionString { get; }

    /// <summary>Makes the database and its tables.</summary>
    /// <param name="server">Where.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="columns">The types of the columns.</param>
    /// <param name="user">Whom <see cref="ConnectionString"/> names.</param>
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

    /// <summary>A row whose token is this text, as any client of the database would write it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="user">What stands in <c>user_id</c>, as SQL.</param>
    /// <param name="secondsLeft">How long it is alive; negative: since when it is dead.</param>
    public Task AddSessionAsync(string token, string user, int secondsLeft = 3600) =>
        AddSessionAsync(Encoding.UTF8.GetBytes(token), user, secondsLeft);

    public Task AddSessionAsync(byte[] token, string user, int secondsLeft = 3600) =>
        InTableAsync($"INSERT INTO session VALUES ({Literal(token)}, {user}, {_columns.ExpiresIn(secondsLeft)})");

    /// <param name="id">Its id.</param>
    /// <param name="blocked">What stands in <c>blocked</c>, as SQL.</param>
    public Task AddUserAsync(long id, string blocked) =>
        InTableAsync(FormattableString.Invariant($"INSERT INTO user (id, name, blocked) VALUES ({id}, 'somebody', {blocked})"));

    /// <summary>Runs statements with this database as the current one.</summary>
    public Task InTableAsync(string sql) => ReadAsync($"USE {Name}; {sql}");

    /// <summary>Runs statements in a transaction that ends, and takes them back, with what is returned.</summary>
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
