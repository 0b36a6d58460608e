using MySqlConnector;

namespace Direct.Gateway.Sessions;

/// <summary>A column as <c>information_schema</c> describes it.</summary>
/// <param name="Table">The table or view that it is in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type without length and sign, <c>decimal</c> for instance.</param>
/// <param name="FullType">Its type as the table was made with, <c>decimal(10,2) unsigned</c> for instance.</param>
/// <param name="Scale">How many digits it keeps after the point; null where there are none to keep.</param>
/// <param name="Charset">Its character set; null when it holds no text.</param>
/// <param name="Collation">Its collation; null when it holds no text.</param>
internal sealed record ColumnDescription(
    string Table, string Name, string Type, string FullType, long? Scale, string? Charset, string? Collation)
{
    /// <summary>Reads the columns of both tables that the user may see.</summary>
    public const string Sql = """
        SELECT `TABLE_NAME`, `COLUMN_NAME`, LOWER(`DATA_TYPE`), `COLUMN_TYPE`, `NUMERIC_SCALE`, `CHARACTER_SET_NAME`, `COLLATION_NAME`
        FROM `information_schema`.`COLUMNS`
        WHERE `TABLE_SCHEMA` = DATABASE() AND `TABLE_NAME` IN ('session', 'user')
        """;

    /// <summary>Gets whether it holds whole numbers, exactly.</summary>
    public bool IsWholeNumber => Type is "tinyint" or "smallint" or "mediumint" or "int" or "bigint" || (Type is "decimal" && Scale is 0);

    public static ColumnDescription Of(MySqlDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.IsDBNull(4) ? null : row.GetInt64(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        row.IsDBNull(6) ? null : row.GetString(6));
}
