using System.Text.RegularExpressions;
using System.Text.Unicode;

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
    /// <summary>Specifies the types that can hold one, for people.</summary>
    public const string Accepted = "text, bytes, UUID or an integer type";

    /// <summary>Gets the token as the column would give it back, in hexadecimal digits: as UTF-8, or as the bytes they are.</summary>
    public string Digits => IsBinary ? "HEX(s.`token`)" : "HEX(CONVERT(s.`token` USING utf8mb4))";

    public static bool Accepts(ColumnDescription column) => column.Type is "uuid" || column.IsWholeNumber || Holds().IsMatch(column.Type);

    public static TokenColumn Of(ColumnDescription column) =>
        new(Name(column.Charset), Name(column.Collation), IsBinary: column.Charset is null && Bytes().IsMatch(column.Type));

    /// <summary>Returns whether a token can be in it at all: text is UTF-8, however the column keeps it.</summary>
    public bool CanHold(string token) => IsBinary || Utf8.IsValid(Convert.FromHexString(token));

    /// <summary>Returns a parameter with a token's hexadecimal digits, as something to compare the column with.</summary>
    public string Operand(string parameter) => this switch
    {
        { IsBinary: true } => $"UNHEX({parameter})",
        { Charset: null } => $"CONVERT(UNHEX({parameter}) USING utf8mb4)",
        _ => $"CONVERT(CONVERT(UNHEX({parameter}) USING utf8mb4) USING {Charset}) COLLATE {Collation}",
    };

    // They become part of a statement; the database's own names never look otherwise.
    private static string? Name(string? name) => name is not null && Plain().IsMatch(name) ? name : null;

    [GeneratedRegex("^[A-Za-z0-9_]+$")]
    private static partial Regex Plain();

    [GeneratedRegex("char|text|binary|blob")]
    private static partial Regex Holds();

    [GeneratedRegex("binary|blob")]
    private static partial Regex Bytes();
}
