namespace Direct.Sessions.Tests.Databases;

/// <summary>The types of the columns, as someone else has chosen them.</summary>
public sealed record Columns
{
    public string Token { get; init; } = "VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";

    public string TokenIndex { get; init; } = "KEY (token)";

    public string UserId { get; init; } = "INT";

    public string Expire { get; init; } = "INT";

    public string Id { get; init; } = "BIGINT";

    public string Blocked { get; init; } = "TINYINT(1)";
}
