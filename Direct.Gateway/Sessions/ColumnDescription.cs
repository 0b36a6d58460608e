using MySqlConnector;

namespace Direct.Gateway.Sessions;

/// <summary>Represents a column as <c>information_schema</c> describes it.</summary>
/// <param name="Table">The table or view of the column.</param>
/// <param name="Name">The name of the column.</param>
/// <param name="Type">The type without length and sign, for example <c>decimal</c>.</param>
/// <param name="FullType">The type as it was declared, for example <c>decimal(10,2) unsigned</c>.</param>
/// <param name="Scale">The number of digits after the decimal point; null if there are none.</param>
/// <param name="Charset">The character set; null if the column contains no text.</param>
/// <param name="Collation">The collation; null if the column contains no text.</param>
internal sealed record ColumnDescription(
    string Table, string Name, string Type, string FullType, long? Scale, string? Charset, string? Collation)
{
    /// <summary>Reads the columns of both tables that the user may see.</summary>
    public const string Sql = """
        SELECT `TABLE_NAME`, `COLUMN_NAME`, LOWER(`DATA_TYPE`), `COLUMN_TYPE`, `NUMERIC_SCALE`, `CHARACTER_SET_NAME`, `COLLATION_NAME`
        FROM `information_schema`.`COLUMNS`
        WHERE `TABLE_SCHEMA` = DATABASE() AND `TABLE_NAME` IN ('session', 'user')
        """;

    /// <summary>Gets whether the column stores whole numbers exactly.</summary>
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
