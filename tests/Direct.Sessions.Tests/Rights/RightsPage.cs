using System.Globalization;
using Direct.Testing;
using MySqlConnector;

namespace Direct.Sessions.Tests.Rights;

/// <summary>Provides the unchanged statements of docs/operate/rights.md.</summary>
internal static class RightsPage
{
    public const string Path = "docs/operate/rights.md";

    /// <summary>Gets the query of the platform.</summary>
    public static string PlatformQuery { get; } = Documents.Block(Path, "sql", "c.read_role_ids");

    /// <summary>Gets the second part of the query that lets members into <c>g,0</c>.</summary>
    public static string GroupQuery { get; } = Documents.Block(Path, "sql", "UNION ALL");

    /// <summary>Gets the statements that create the user of the gateways.</summary>
    public static string Grants { get; } = Documents.Block(Path, "sql", "CREATE USER");

    /// <summary>Gets the statement that creates the table of the PHP program.</summary>
    public static string OwnTable { get; } = Documents.Block(Path, "sql", "CREATE TABLE room_right");

    /// <summary>Asks a query of the page. No row is 0, as for a gateway.</summary>
    public static async Task<int> MaskAsync(this MySqlConnection connection, string query, long user, long group, long channel)
    {
        await using var command = connection.Ask(query, user, group, channel);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.Equal(1, reader.FieldCount);
        var mask = await reader.ReadAsync() ? Convert.ToInt32(reader.GetValue(0), CultureInfo.InvariantCulture) : 0; // NULL fails the test
        Assert.False(await reader.ReadAsync(), "the query has returned a second row");
        return mask;
    }

    /// <summary>Returns a command that sets the user variables of the query first, as a gateway does.</summary>
    public static MySqlCommand Ask(this MySqlConnection connection, string sql, long user, long group, long channel) =>
        new($"SET @user = @u, @group = @g, @channel = @c;\n{sql}", connection)
        {
            Parameters = { new("@u", user), new("@g", group), new("@c", channel) },
        };
}
