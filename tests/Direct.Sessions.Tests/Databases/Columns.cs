namespace Direct.Sessions.Tests.Databases;

/// <summary>Specifies the column types of an existing session database.</summary>
public sealed record Columns
{
    public string Token { get; init; } = "VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";

    public string TokenIndex { get; init; } = "KEY (token)";

    public string UserId { get; init; } = "INT";

    public string Expire { get; init; } = "INT";

    /// <summary>Gets the number of units per second in <c>expire</c> when it is a number.</summary>
    public int UnitsPerSecond { get; init; } = 1;

    public string Id { get; init; } = "BIGINT";

    public string Blocked { get; init; } = "TINYINT(1)";

    /// <summary>Returns the value of <c>expire</c> for a time this many seconds from now, as SQL.</summary>
    public string ExpiresIn(int seconds) =>
        Expire.StartsWith("DATETIME", StringComparison.Ordinal) ? $"UTC_TIMESTAMP() + INTERVAL {seconds} SECOND"
        : Expire.StartsWith("TIMESTAMP", StringComparison.Ordinal) ? $"FROM_UNIXTIME(UNIX_TIMESTAMP() + ({seconds}))"
        : $"(UNIX_TIMESTAMP() + ({seconds})) * {UnitsPerSecond}";
}
