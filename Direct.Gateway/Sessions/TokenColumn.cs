using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace Direct.Gateway.Sessions;

/// <summary>
/// Describes how the column <c>session.token</c> stores its text. A token must be compared in the column's own character set and collation. If the
/// column were converted instead, no index could be used, and a client could make the database read the whole table by sending a letter that the
/// column cannot store.
/// </summary>
/// <param name="Charset">The character set; null for a column of bytes or of a type other than text.</param>
/// <param name="Collation">The collation.</param>
/// <param name="IsBinary">Whether it stores arbitrary bytes.</param>
internal sealed partial record TokenColumn(string? Charset, string? Collation, bool IsBinary)
{
    /// <summary>Specifies the supported types, as text for people.</summary>
    public const string Accepted = "text, bytes, UUID or an integer type";

    /// <summary>Gets the SQL expression of the token in hexadecimal digits, as UTF-8 or as its bytes.</summary>
    public string Digits => IsBinary ? "HEX(s.`token`)" : "HEX(CONVERT(s.`token` USING utf8mb4))";

    public static bool Accepts(ColumnDescription column) => column.Type is "uuid" || column.IsWholeNumber || Holds().IsMatch(column.Type);

    public static TokenColumn Of(ColumnDescription column) =>
        new(Name(column.Charset), Name(column.Collation), IsBinary: column.Charset is null && Bytes().IsMatch(column.Type));

    /// <summary>Returns whether the column can store a token: text is UTF-8, in any character set of the column.</summary>
    public bool CanHold(string token) => IsBinary || Utf8.IsValid(Convert.FromHexString(token));

    /// <summary>Returns the SQL expression of a parameter with a token's hexadecimal digits, for comparison with the column.</summary>
    public string Operand(string parameter) => this switch
    {
        { IsBinary: true } => $"UNHEX({parameter})",
        { Charset: null } => $"CONVERT(UNHEX({parameter}) USING utf8mb4)",
        _ => $"CONVERT(CONVERT(UNHEX({parameter}) USING utf8mb4) USING {Charset}) COLLATE {Collation}",
    };

    // They become part of a statement; the names of databases never have another form.
    private static string? Name(string? name) => name is not null && Plain().IsMatch(name) ? name : null;

    [GeneratedRegex("^[A-Za-z0-9_]+$")]
    private static partial Regex Plain();

    [GeneratedRegex("char|text|binary|blob")]
    private static partial Regex Holds();

    [GeneratedRegex("binary|blob")]
    private static partial Regex Bytes();
}
