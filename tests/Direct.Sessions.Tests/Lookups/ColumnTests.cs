using System.Globalization;
using Direct.Edge.Identity;
using Direct.Sessions.Tests.Databases;

namespace Direct.Sessions.Tests.Lookups;

/// <summary>Tests the types that the column <c>token</c> has in existing databases.</summary>
public class ColumnTests(SharedDatabase database)
{
    private const string Hex = "0123456789abcdef0123456789abcdef";
    private const string Uuid = "01234567-89ab-4def-8123-456789abcdef";

    public static TheoryData<string, string> Types => new()
    {
        { "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", Hex },
        { "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci", "Grüße 😀" },
        { "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "Grüße 😀" },
        { "VARCHAR(64) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci", "Grüße 日本語" },
        { "VARCHAR(64) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "Grüße" },
        { "VARCHAR(64) CHARACTER SET latin1 COLLATE latin1_german1_ci", "Grüße" },
        { "VARCHAR(64) CHARACTER SET latin1 COLLATE latin1_bin", "Grüße" },
        { "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_general_ci", Hex },
        { "VARCHAR(64) CHARACTER SET cp1251 COLLATE cp1251_general_ci", "пароль" },
        { "VARCHAR(64) CHARACTER SET sjis COLLATE sjis_japanese_ci", "日本語" },
        { "VARCHAR(64) CHARACTER SET gbk COLLATE gbk_chinese_ci", "日本" },
        { "VARCHAR(64) CHARACTER SET ucs2 COLLATE ucs2_general_ci", "日本語" },
        { "VARCHAR(64) CHARACTER SET utf16 COLLATE utf16_general_ci", "日本語 😀" },
        { "CHAR(32) CHARACTER SET latin1", Hex },
        { "CHAR(36) CHARACTER SET latin1", Uuid },
        { "CHAR(36) CHARACTER SET utf8mb4", "thirty-six letters that are no UUID." },
        { "CHAR(64) CHARACTER SET utf8mb4", Hex },
        { "TEXT CHARACTER SET utf8mb4", "Grüße 😀" },
        { "LONGTEXT CHARACTER SET latin1", "Grüße" },
        { "BINARY(32)", Hex },
        { "BINARY(16)", "sixteen letters." },
        { "VARBINARY(64)", "Grüße 😀" },
        { "BLOB", "Grüße 😀" },
        { "UUID", Uuid },
        { "INT", "42" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public async Task FindAsync_ColumnOfAnyType_KnowsItsTokensAndNoOthers(string type, string token)
    {
        var tables = await database.NewAsync(new Columns { Token = type, TokenIndex = IndexOf(type) });
        await tables.AddSessionAsync(token, "42");
        await using var store = new TestStore(tables);

        // All tokens are in one query, so that one that the column cannot hold would affect the others.
        var sessions = await store.FindAllAsync(
            token, token + " ", token.ToUpperInvariant() + "X", token + "\0", "日本語 😀 пароль", "", "'", "0", "42abc", token);

        Assert.Equal([42, 0, 0, 0, 0, 0, 0, 0, 0, 42], sessions.Select(session => session.UserId));
        Assert.All(sessions, session => Assert.NotEqual(SessionStatus.Unavailable, session.Status));
    }

    // Otherwise any client could make the database read the whole table, for instance with a character that the column cannot hold.
    [Theory]
    [MemberData(nameof(Types))]
    public async Task FindAsync_AnyToken_ReadsFewRows(string type, string token)
    {
        const int Rows = 5000;
        var tables = await database.NewAsync(new Columns { Token = type, TokenIndex = IndexOf(type) });
        await tables.InTableAsync(
            $"INSERT INTO session SELECT {Filler(type)}, seq, UNIX_TIMESTAMP() + 3600 FROM seq_1_to_{Rows}; ANALYZE TABLE session");
        await tables.AddSessionAsync(token, "42");
        await using var store = new TestStore(tables);
        Assert.Equal(42, (await store.FindAsync(token)).UserId);
        await tables.ReadAsync("SET GLOBAL userstat = 1");
        var before = await RowsReadAsync(tables);

        await store.FindAllAsync(token, "日本語 😀 пароль", "Grüße", "'", "no such token");

        Assert.InRange(await RowsReadAsync(tables) - before, 0, Rows / 10); // the health check of the database may have read a hundred rows meanwhile
    }

    [Fact]
    public async Task FindAsync_ColumnThatWasChanged_IsComparedAsItIsNow()
    {
        var tables = await database.NewAsync(new Columns { Token = "VARCHAR(64) CHARACTER SET latin1" });
        await tables.AddSessionAsync("Grüße", "42");
        await using var store = new TestStore(tables);
        Assert.Equal(42, (await store.FindAsync("Grüße")).UserId);

        await tables.InTableAsync("ALTER TABLE session MODIFY token VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        await tables.AddSessionAsync("日本語", "43");
        await Direct.Testing.Time.Deadline.UntilAsync("the new column is known", async () => (await store.FindAsync("日本語")).UserId == 43);

        Assert.Equal(42, (await store.FindAsync("Grüße")).UserId);
    }

    private static string IndexOf(string type) =>
        type.Contains("TEXT", StringComparison.Ordinal) || type is "BLOB" ? "KEY (token(64))" : "KEY (token)";

    private static string Filler(string type) => type switch
    {
        "INT" => "seq + 1000",
        "UUID" => "UUID()",
        "BINARY(16)" => "UNHEX(MD5(seq))",
        _ => "MD5(seq)",
    };

    private static async Task<long> RowsReadAsync(SessionTables tables) => Convert.ToInt64(
        await tables.ReadAsync(
            $"""
            SELECT COALESCE(SUM(ROWS_READ), 0) FROM information_schema.TABLE_STATISTICS
            WHERE TABLE_SCHEMA = '{tables.Name}' AND TABLE_NAME = 'session'
            """),
        CultureInfo.InvariantCulture);
}
