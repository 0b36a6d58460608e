namespace Direct.Gateway.Sessions;

/// <summary>
/// Defines how the columns of <c>session</c> and <c>user</c> are read, by their types. A type that cannot represent the required value is refused.
/// Otherwise a date would never expire, and a number with decimals would match no user id.
/// </summary>
/// <param name="Token">Defines how a token is compared.</param>
/// <param name="Alive">The condition on <c>s.expire</c> of a valid session.</param>
/// <param name="Blocked">Selects <c>u.blocked</c> as the text of a number.</param>
/// <param name="Probes">Check the values of the columns.</param>
internal sealed record SessionColumns(TokenColumn Token, string Alive, string Blocked, IReadOnlyList<ColumnProbe> Probes)
{
    // The number of rows in one probe: sufficient to decide, and cheap in a table of any size.
    private const int ProbedRows = 100;

    private const string WholeNumber = "an integer type or DECIMAL(n,0)";
    private const string UnitSetting = $"{MySqlSessionOptions.SectionName}:{nameof(MySqlSessionOptions.ExpireUnit)}";

    private static readonly string[] Tables = ["session", "user"];

    /// <summary>Decides how to read the given columns.</summary>
    /// <exception cref="SessionTableException">A column is missing, or its type is not supported. The message names each.</exception>
    public static SessionColumns Of(IReadOnlyCollection<ColumnDescription> columns, ExpireUnit unit)
    {
        var errors = new List<string>();
        foreach (var table in Tables.Where(table => !columns.Any(column => Is(column.Table, table))))
        {
            errors.Add($"there is no table {table}, or this user may not read it");
        }

        var token = Find("session", "token", TokenColumn.Accepts, TokenColumn.Accepted);
        Find("session", "user_id", static column => column.IsWholeNumber, WholeNumber);
        var expire = Find("session", "expire", column => IsTime(column, unit), Times(unit));
        Find("user", "id", static column => column.IsWholeNumber, WholeNumber);
        var blocked = Find("user", "blocked", CanSayBlocked, $"{WholeNumber}, BIT, CHAR, VARCHAR or ENUM");
        return errors.Count > 0
            ? throw new SessionTableException(string.Join("; ", errors))
            : new SessionColumns(TokenColumn.Of(token!), AliveIf(expire!, unit), TextOfBlocked(blocked!), [.. ProbesOf(expire!, blocked!, unit)]);

        ColumnDescription? Find(string table, string name, Func<ColumnDescription, bool> accepts, string accepted)
        {
            var column = columns.FirstOrDefault(column => Is(column.Table, table) && Is(column.Name, name));
            if (column is null && columns.Any(column => Is(column.Table, table)))
            {
                errors.Add($"there is no column {table}.{name}, or this user may not read it");
            }
            else if (column is not null && !accepts(column))
            {
                errors.Add($"column {table}.{name} is {column.FullType}; it must be {accepted}");
            }

            return column;
        }
    }

    private static bool Is(string name, string expected) => string.Equals(name, expected, StringComparison.OrdinalIgnoreCase);

    // A FLOAT has 24 bits: it represents the current time with a precision of two minutes, or of a day in milliseconds.
    private static bool IsTime(ColumnDescription column, ExpireUnit unit) =>
        column.Type is "bigint" or "decimal" or "double" or "datetime" or "timestamp"
        || (column.Type is "int" && unit is ExpireUnit.Seconds);

    private static string Times(ExpireUnit unit) => unit is ExpireUnit.Seconds
        ? "INT, BIGINT, DECIMAL or DOUBLE (seconds since 1970), DATETIME (in UTC) or TIMESTAMP"
        : $"BIGINT, DECIMAL or DOUBLE (milliseconds since 1970, by {UnitSetting}), DATETIME (in UTC) or TIMESTAMP";

    private static bool CanSayBlocked(ColumnDescription column) => column.IsWholeNumber || column.Type is "bit" || IsWord(column);

    private static bool IsWord(ColumnDescription column) => column.Type is "char" or "varchar" or "enum";

    // None of these depends on the time zone of the server or of the connection.
    private static string AliveIf(ColumnDescription expire, ExpireUnit unit) => expire.Type switch
    {
        "datetime" => "s.`expire` > UTC_TIMESTAMP(6)",
        "timestamp" => "UNIX_TIMESTAMP(s.`expire`) > UNIX_TIMESTAMP()",
        _ when unit is ExpireUnit.Milliseconds => "s.`expire` > UNIX_TIMESTAMP() * 1000",
        _ => "s.`expire` > UNIX_TIMESTAMP()",
    };

    private static string TextOfBlocked(ColumnDescription blocked) =>
        blocked.Type is "bit" ? "CAST(u.`blocked` + 0 AS CHAR)" : "CAST(u.`blocked` AS CHAR)";

    private static IEnumerable<ColumnProbe> ProbesOf(ColumnDescription expire, ColumnDescription blocked, ExpireUnit unit)
    {
        if (expire.Type is not ("datetime" or "timestamp"))
        {
            yield return unit is ExpireUnit.Seconds
                ? MostExpireIf(
                    "BETWEEN 1000000000000 AND 9999999999999999", // 2001 in milliseconds to 2286 in microseconds; in seconds 33,000 years from now
                    $"look like milliseconds or microseconds, and {UnitSetting} says seconds")
                : MostExpireIf(
                    "NOT BETWEEN 100000000000 AND 99999999999999", // 1973 to 5138 in milliseconds
                    $"do not look like milliseconds, and {UnitSetting} says so");
        }

        if (IsWord(blocked))
        {
            yield return new ColumnProbe(
                $"""
                SELECT EXISTS (SELECT 1 FROM (SELECT `blocked` FROM `user` LIMIT {ProbedRows}) probed
                    WHERE TRIM(CONVERT(`blocked` USING utf8mb4)) NOT REGEXP '^-?[0-9]*$')
                """,
                "column user.blocked has values that are no numbers; 1 must mean blocked");
        }
    }

    // 0 and NULL say nothing about the unit. Most of the other values must look wrong, because a row that never expires may contain any large number.
    private static ColumnProbe MostExpireIf(string looksWrong, string error) => new(
        $"""
        SELECT COALESCE(2 * SUM(`expire` {looksWrong}) > COUNT(*), 0)
        FROM (SELECT `expire` FROM `session` LIMIT {ProbedRows}) probed WHERE `expire` > 0
        """,
        $"most values of column session.expire {error}");
}

/// <summary>Represents a check of the values of a column.</summary>
/// <param name="Sql">Selects 1 if the values are wrong, otherwise 0.</param>
/// <param name="Error">The error in that case.</param>
internal sealed record ColumnProbe(string Sql, string Error);
