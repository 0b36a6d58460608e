using Direct.Edge.Identity;
using Direct.Sessions.Tests.Databases;

namespace Direct.Sessions.Tests.Lookups;

public class TokenTests(SharedDatabase database)
{
    private static readonly Session Unknown = new(SessionStatus.Unknown);

    public static TheoryData<string> Tokens =>
    [
        "token",
        "1,2",
        ":hello",
        " ",
        "two words",
        "it's \"quoted\" and `ticked`",
        "' OR 1=1 -- ",
        "'; DROP TABLE session; -- ",
        "\\",
        "\\' OR 1=1 -- ",
        "%",
        "_____",
        "@t0",
        "/* */",
        "a\0b",
        "line\nline\r\t",
        "naïve café",
        "Grüße",
        "пароль",
        "日本語",
        "😀",
        new string('x', 512),
        new string('\'', 512),
        string.Concat(Enumerable.Repeat("日", 170)),
    ];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task FindAsync_TokenOfALiveSession_IsItsUser(string token)
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync(token, "42");
        await using var store = new TestStore(tables);

        Assert.Equal(new Session(SessionStatus.Known, 42), await store.FindAsync(token));
    }

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task FindAsync_TokenOfNobody_IsUnknownAndHarmsNothing(string token)
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("somebody's", "42");
        await using var store = new TestStore(tables);

        Assert.Equal(Unknown, await store.FindAsync(token));

        Assert.Equal(new Session(SessionStatus.Known, 42), await store.FindAsync("somebody's"));
    }

    [Fact]
    public async Task FindAsync_ExpiredSession_IsUnknown()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("over", "42", secondsLeft: -1);
        await tables.AddSessionAsync("now", "42", secondsLeft: 0);
        await using var store = new TestStore(tables);

        Assert.Equal((Unknown, Unknown), (await store.FindAsync("over"), await store.FindAsync("now")));
    }

    // A collation treats each of these as equal to 'Token'; their bytes differ.
    [Theory]
    [InlineData("token")]
    [InlineData("TOKEN")]
    [InlineData("Token ")]
    [InlineData("Token   ")]
    [InlineData("Tokén")]
    [InlineData("Token\0")]
    public async Task FindAsync_LookAlike_IsUnknown(string token)
    {
        var tables = await database.NewAsync(new Columns { Token = "VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci" });
        await tables.AddSessionAsync("Token", "42");
        await using var store = new TestStore(tables);

        Assert.Equal((Unknown, 42), (await store.FindAsync(token), (await store.FindAsync("Token")).UserId));
    }

    [Fact]
    public async Task FindAsync_LookAlikesThatBothHaveASession_AreTwoUsers()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("token", "1");
        await tables.AddSessionAsync("TOKEN", "2");
        await tables.AddSessionAsync("token ", "3");
        await using var store = new TestStore(tables);

        var sessions = await store.FindAllAsync("TOKEN", "token", "token ", "Token", "token");

        Assert.Equal([2, 1, 3, 0, 1], sessions.Select(session => session.UserId));
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("C3")]
    [InlineData("ED A0 80")]
    [InlineData("61 FF 62")]
    public async Task FindAsync_TokenThatIsNoUtf8_IsUnknownInAColumnOfText(string bytes)
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("?", "42");
        await tables.AddSessionAsync("a?b", "42");
        await tables.AddSessionAsync("", "42");
        await using var store = new TestStore(tables);

        Assert.Equal(Unknown, await store.FindAsync(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task FindAsync_EveryByteThereIs_IsFoundInAColumnOfBytes()
    {
        var tables = await database.NewAsync(new Columns { Token = "VARBINARY(512)" });
        byte[] token = [.. Enumerable.Range(0, 512).Select(i => (byte)i)];
        await tables.AddSessionAsync(token, "42");
        await using var store = new TestStore(tables);

        Assert.Equal((42, Unknown), ((await store.FindAsync(token)).UserId, await store.FindAsync(token[..511])));
    }

    // The row that is valid for the longest time applies, and then the highest id, with any order of rows.
    [Theory]
    [InlineData("(1, 100), (2, 200), (3, 50)", 2)]
    [InlineData("(3, 50), (2, 200), (1, 100)", 2)]
    [InlineData("(1, 100), (2, 100)", 2)]
    [InlineData("(2, 100), (1, 100)", 2)]
    [InlineData("(NULL, 100), (1, 100)", 1)]
    [InlineData("(1, 100), (2, -100)", 1)]
    [InlineData("(NULL, 200), (1, 100)", 0)]
    public async Task FindAsync_SeveralRows_IsTheOneThatCounts(string rows, long user)
    {
        var tables = await database.NewAsync();
        await tables.InTableAsync(
            $"""
            CREATE TABLE given (user INT, seconds INT);
            INSERT INTO given VALUES {rows};
            INSERT INTO session SELECT 'token', user, UNIX_TIMESTAMP() + seconds FROM given
            """);
        await using var store = new TestStore(tables);

        Assert.Equal(new Session(SessionStatus.Known, user), await store.FindAsync("token"));
    }

    [Fact]
    public async Task FindAllAsync_MoreTokensThanOneLoginQueryTakes_IsEachInItsPlace()
    {
        var tables = await database.NewAsync();
        await tables.InTableAsync("INSERT INTO session SELECT CONCAT('token ', seq), seq, UNIX_TIMESTAMP() + 60 FROM seq_1_to_300");
        await using var store = new TestStore(tables);

        var sessions = await store.FindAllAsync([.. Enumerable.Range(0, 200).Select(i => $"token {i * 2}")]);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * 2 <= 300 ? i * 2 : 0L), sessions.Select(session => session.UserId));
    }

    // Changes of another transaction apply when it commits, and no look-up waits for it.
    [Fact]
    public async Task FindAsync_SessionsThatAreBeingChanged_AreWhatWasCommitted()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("kept", "42");
        await using var store = new TestStore(tables);
        await using (await tables.BeginAsync("INSERT INTO session SELECT 'new', 43, expire FROM session; UPDATE session SET user_id = 44"))
        {
            Assert.Equal((new Session(SessionStatus.Known, 42), Unknown), (await store.FindAsync("kept"), await store.FindAsync("new")));
        }
    }

    // A transaction that stayed open on a connection of the pool would block this change, and every later query.
    [Fact]
    public async Task FindAsync_WhenDone_KeepsNobodyFromChangingTheTables()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("token", "42");
        await using var store = new TestStore(tables);
        Assert.Equal(42, (await store.FindAsync("token")).UserId);

        await tables.InTableAsync("SET SESSION lock_wait_timeout = 1; ALTER TABLE session ADD extra INT; ALTER TABLE user ADD extra INT");

        Assert.Equal(42, (await store.FindAsync("token")).UserId);
    }

    [Fact]
    public async Task FindAsync_TokenInAnotherSqlMode_IsTheSame()
    {
        var tables = await database.NewAsync();
        const string token = "\\' OR 'a'='a";
        await tables.AddSessionAsync(token, "42");
        var before = await tables.ReadAsync("SELECT @@GLOBAL.sql_mode");
        await tables.ReadAsync("SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',ANSI_QUOTES,NO_BACKSLASH_ESCAPES')");
        try
        {
            await using var store = new TestStore(tables);

            Assert.Equal((42, Unknown), ((await store.FindAsync(token)).UserId, await store.FindAsync("' OR 'a'='a")));
        }
        finally
        {
            await tables.ReadAsync($"SET GLOBAL sql_mode = '{before}'");
        }
    }
}
