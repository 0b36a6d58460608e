using System.Text.RegularExpressions;
using System.Text.Unicode;
using MySqlConnector;

namespace Direct.Gateway.Sessions;

/// <summary>
/// How the column <c>session.token</c> keeps its text. A token must be compared in the column's own character set and collation: were it
/// the column that is converted, no index would help, and anyone could make the database read the whole table by a letter that the
/// column cannot hold.
/// </summary>
/// <param name="Charset">Its character set; null for a column of bytes, or of something that is no text at all.</param>
/// <param name="Collation">Its collation.</param>
/// <param name="IsBinary">Whether it holds any bytes.</param>
internal sealed partial record TokenColumn(string? Charset, string? Collation, bool IsBinary)
{
    private const string Sql = """
        SELECT `CHARACTER_SET_NAME`, `COLLATION_NAME`, `DATA_TYPE` FROM `information_schema`.`COLUMNS`
        WHERE `TABLE_SCHEMA` = DATABASE() AND `TABLE_NAME` = 'session' AND `COLUMN_NAME` = 'token'
        """;

    /// <summary>The token as the column would give it back, in hexadecimal digits: as UTF-8, or as the bytes they are.</summary>
    public string Digits => IsBinary ? "HEX(s.`token`)" : "HEX(CONVERT(s.`token` USING utf8mb4))";

    /// <summary>Reads it; null where there is no such column, or none that this user may see.</summary>
    public static async Task<TokenColumn?> ReadAsync(MySqlConnection connection, int timeoutSeconds)
    {
        await using var command = new MySqlCommand(Sql, connection) { CommandTimeout = timeoutSeconds };
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? Of(Name(reader, 0), Name(reader, 1), reader.GetString(2)) : null;
    }

    /// <summary>Whether a token can be in it at all: text is UTF-8, however the column keeps it.</summary>
    public bool CanHold(string token) => IsBinary || Utf8.IsValid(Convert.FromHexString(token));

    /// <summary>A parameter with a token's hexadecimal digits, as something to compare the column with.</summary>
    public string Operand(string parameter) => this switch
    {
        { IsBinary: true } => $"UNHEX({parameter})",
        { Charset: null } => $"CONVERT(UNHEX({parameter}) USING utf8mb4)",
        _ => $"CONVERT(CONVERT(UNHEX({parameter}) USING utf8mb4) USING {Charset}) COLLATE {Collation}",
    };

    private static TokenColumn Of(string? charset, string? collation, string type) =>
        new(charset, collation, IsBinary: charset is null && Bytes().IsMatch(type));

    // They become part of a statement; the database's own names never look otherwise.
    private static string? Name(MySqlDataReader reader, int column) =>
        !reader.IsDBNull(column) && Plain().IsMatch(reader.GetString(column)) ? reader.GetString(column) : null;

    [GeneratedRegex("^[A-Za-z0-9_]+$")]
    private static partial Regex Plain();

    [GeneratedRegex("binary|blob", RegexOptions.IgnoreCase)]
    private static partial Regex Bytes();
}
