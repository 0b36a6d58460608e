using Direct.Edge.Identity;
using Direct.Gateway.Sessions;
using Direct.Sessions.Tests.Databases;
using Direct.Testing.Time;

namespace Direct.Sessions.Tests.Lookups;

/// <summary>Tests the types and units of the column <c>expire</c> in existing databases: each is supported, or refused with an error that names it.</summary>
public class ExpireTests(SharedDatabase database)
{
    [Theory]
    [InlineData("INT")]
    [InlineData("INT UNSIGNED")]
    [InlineData("BIGINT")]
    [InlineData("BIGINT UNSIGNED")]
    [InlineData("DECIMAL(16,3)")]
    [InlineData("DOUBLE")]
    [InlineData("DATETIME")]
    [InlineData("DATETIME(6)")]
    [InlineData("TIMESTAMP NULL")]
    [InlineData("TIMESTAMP(3) NULL")]
    public async Task FindAsync_ExpiryOfAnyType_CountsByTheClockOfTheDatabase(string type)
    {
        await AssertExpiryAsync(new Columns { Expire = type }, ExpireUnit.Seconds);
    }

    [Theory]
    [InlineData("BIGINT")]
    [InlineData("BIGINT UNSIGNED")]
    [InlineData("DECIMAL(16,0)")]
    [InlineData("DOUBLE")]
    public async Task FindAsync_ExpiryInMilliseconds_CountsWhereTheSettingSaysSo(string type)
    {
        await AssertExpiryAsync(new Columns { Expire = type, UnitsPerSecond = 1000 }, ExpireUnit.Milliseconds);
    }

    [Theory]
    [InlineData("DATE", ExpireUnit.Seconds)]
    [InlineData("TIME", ExpireUnit.Seconds)]
    [InlineData("YEAR", ExpireUnit.Seconds)]
    [InlineData("FLOAT", ExpireUnit.Seconds)]
    [InlineData("MEDIUMINT", ExpireUnit.Seconds)]
    [InlineData("VARCHAR(20)", ExpireUnit.Seconds)]
    [InlineData("DATE", ExpireUnit.Milliseconds)]
    [InlineData("INT", ExpireUnit.Milliseconds)]
    public async Task FindAsync_ExpiryOfATypeThatCannotSayIt_IsRefusedByName(string type, ExpireUnit unit)
    {
        var tables = await database.NewAsync(new Columns { Expire = type });
        await using var store = new TestStore(tables, expireUnit: unit);

        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token")).Status);

        Assert.StartsWith("sessions: column session.expire is ", store.DegradedReason, StringComparison.Ordinal);
        Assert.Contains(type.ToLowerInvariant(), store.DegradedReason, StringComparison.Ordinal);
        Assert.Contains("; it must be ", store.DegradedReason, StringComparison.Ordinal);
        Assert.Contains("DATETIME", store.DegradedReason, StringComparison.Ordinal);
    }

    // With seconds for milliseconds sessions would never end; with milliseconds for seconds all would have ended long ago.
    [Theory]
    [InlineData(1000, ExpireUnit.Seconds, "look like milliseconds")]
    [InlineData(1000_000, ExpireUnit.Seconds, "look like milliseconds")]
    [InlineData(1, ExpireUnit.Milliseconds, "do not look like milliseconds")]
    public async Task FindAsync_ExpiryInAnotherUnitThanTheSettingSays_IsRefusedByName(int unitsPerSecond, ExpireUnit unit, string error)
    {
        var tables = await database.NewAsync(new Columns { Expire = "BIGINT", UnitsPerSecond = unitsPerSecond });
        await tables.AddSessionAsync("dead", "42", secondsLeft: -100);
        await tables.AddSessionAsync("alive", "42");
        await using var store = new TestStore(tables, expireUnit: unit);

        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("dead")).Status);

        Assert.StartsWith($"sessions: most values of column session.expire {error}", store.DegradedReason, StringComparison.Ordinal);
    }

    // None of these values indicates another unit: 0 and NULL are ended sessions, and a time far in the future is a session that never ends.
    [Theory]
    [InlineData("(NULL), (0), (0)")]
    [InlineData("(9999999999), (253402300799)")]
    [InlineData("(9223372036854775807)")]
    [InlineData("(1700000000), (1700000000), (1700000000000)")]
    public async Task FindAsync_ExpiryOfOddRows_IsNoError(string values)
    {
        var tables = await database.NewAsync(new Columns { Expire = "BIGINT" });
        await tables.InTableAsync($"INSERT INTO session (expire) VALUES {values}");
        await tables.AddSessionAsync("token", "42");
        await using var store = new TestStore(tables);

        Assert.Equal(new Session(SessionStatus.Known, 42), await store.FindAsync("token"));
    }

    [Fact]
    public async Task FindAsync_ColumnThatIsMadeWrongAndRight_IsRefusedAndUsedAgain()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("token", "42");
        await using var store = new TestStore(tables);
        Assert.Equal(new Session(SessionStatus.Known, 42), await store.FindAsync("token"));

        await tables.InTableAsync("ALTER TABLE session ADD kept INT; UPDATE session SET kept = expire; ALTER TABLE session DROP expire, ADD expire DATE");
        await Deadline.UntilAsync(
            "the column is refused",
            () => store.DegradedReason?.StartsWith("sessions: column session.expire is date;", StringComparison.Ordinal) is true,
            actual: () => $"{store.DegradedReason}");
        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token")).Status);

        await tables.InTableAsync("ALTER TABLE session DROP expire, CHANGE kept expire INT");
        await Deadline.UntilAsync("the column is taken", () => store.DegradedReason is null, actual: () => $"{store.DegradedReason}");
        Assert.Equal(new Session(SessionStatus.Known, 42), await store.FindAsync("token"));
    }

    [Fact]
    public async Task FindAsync_ColumnsThatAreMissingOrWrong_AreAllNamed()
    {
        var tables = await database.NewAsync(new Columns { Token = "DATETIME" });
        await tables.InTableAsync("ALTER TABLE session DROP expire; ALTER TABLE user DROP blocked");
        await using var store = new TestStore(tables);

        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token")).Status);

        Assert.Contains("column session.token is datetime; it must be ", store.DegradedReason, StringComparison.Ordinal);
        Assert.Contains("no column session.expire", store.DegradedReason, StringComparison.Ordinal);
        Assert.Contains("no column user.blocked", store.DegradedReason, StringComparison.Ordinal);
    }

    private async Task AssertExpiryAsync(Columns columns, ExpireUnit unit)
    {
        var tables = await database.NewAsync(columns);
        await using var empty = new TestStore(tables, expireUnit: unit);
        Assert.Equal(SessionStatus.Unknown, (await empty.FindAsync("alive")).Status);
        await tables.AddSessionAsync("alive", "42", secondsLeft: 100);
        await tables.AddSessionAsync("dead", "42", secondsLeft: -100);
        await using var store = new TestStore(tables, expireUnit: unit);

        var sessions = await store.FindAllAsync("alive", "dead");

        Assert.Equal([new Session(SessionStatus.Known, 42), new Session(SessionStatus.Unknown)], sessions);
    }
}
