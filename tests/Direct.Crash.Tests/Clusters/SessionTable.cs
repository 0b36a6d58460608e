using System.Globalization;
using Direct.Testing.Databases;
using MySqlConnector;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Provides users that have a session. The topics of other users are not kept for clients that come back.</summary>
internal static class SessionTable
{
    private const long FirstUser = 1001;

    public static long User(int client) => FirstUser + client;

    public static string Token(long user) => string.Create(CultureInfo.InvariantCulture, $"token-of-{user}");

    /// <summary>Creates the sessions of so many users, and returns the arguments of gateways that speak direct.2 and look them up.</summary>
    public static async Task<string[]> CreateAsync(MariaDb database, int users)
    {
        var rows = Enumerable.Range(0, users).Select(static i => $"('{Token(User(i))}', {User(i)}, UNIX_TIMESTAMP() + 7200)");
        await using var connection = new MySqlConnection(database.ConnectionString());
        await connection.OpenAsync();
        await using var command = new MySqlCommand(
            $"""
            CREATE OR REPLACE DATABASE sessions;
            CREATE TABLE sessions.session (token VARCHAR(64), user_id INT, expire INT, KEY (token));
            CREATE TABLE sessions.user (id BIGINT, blocked TINYINT, KEY (id));
            INSERT INTO sessions.session VALUES {string.Join(", ", rows)};
            """,
            connection);
        await command.ExecuteNonQueryAsync();
        return
        [
            "env=production", "sessions=mysql", $"Direct:Sessions:ConnectionString={database.ConnectionString("sessions")}",
            "Direct:Signals:AllowedNetworks:0=127.0.0.0/8", "Direct:Connections:Direct2=true",
        ];
    }
}
