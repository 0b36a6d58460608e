using System.Globalization;
using Direct.Edge.Identity;
using Direct.Sessions.Tests.Databases;

namespace Direct.Sessions.Tests.Lookups;

public class UserTests(SharedDatabase database)
{
    [Fact]
    public async Task FindAsync_NoRowInUser_IsLetIn()
    {
        Assert.Equal(new Session(SessionStatus.Known, 42), await FindAsync("42", new Columns()));
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("0")]
    public async Task FindAsync_UserOfNobody_IsNobody(string user)
    {
        Assert.Equal(new Session(SessionStatus.Known, 0), await FindAsync(user, new Columns()));
    }

    [Theory]
    [InlineData("BIGINT", "9223372036854775807", 9223372036854775807)]
    [InlineData("BIGINT", "-9223372036854775808", -9223372036854775808)]
    [InlineData("BIGINT UNSIGNED", "9223372036854775807", 9223372036854775807)]
    [InlineData("BIGINT UNSIGNED", "18446744073709551615", 0)]
    [InlineData("INT", "-5", -5)]
    [InlineData("INT UNSIGNED", "4294967295", 4294967295)]
    [InlineData("INT(10) ZEROFILL", "42", 42)]
    [InlineData("TINYINT(1)", "42", 42)]
    [InlineData("DECIMAL(20,0)", "42", 42)]
    [InlineData("DECIMAL(20,0)", "9223372036854775807", 9223372036854775807)]
    public async Task FindAsync_IdOfAnyType_IsThatNumber(string type, string user, long id)
    {
        Assert.Equal(new Session(SessionStatus.Known, id), await FindAsync(user, new Columns { UserId = type }));
    }

    [Theory]
    [InlineData("TINYINT(1)", "1")]
    [InlineData("TINYINT(3) UNSIGNED ZEROFILL", "1")]
    [InlineData("INT", "1")]
    [InlineData("BIGINT UNSIGNED", "1")]
    [InlineData("BOOLEAN", "TRUE")]
    [InlineData("BIT(1)", "b'1'")]
    [InlineData("BIT(16)", "b'1'")]
    [InlineData("CHAR(1)", "'1'")]
    [InlineData("VARCHAR(10)", "'1'")]
    [InlineData("ENUM('0','1')", "'1'")]
    [InlineData("DECIMAL(3,0)", "1")]
    public async Task FindAsync_BlockedUser_IsBlocked(string type, string blocked)
    {
        Assert.Equal(new Session(SessionStatus.Blocked, 42), await FindAsync("42", new Columns { Blocked = type }, (42, blocked)));
    }

    [Theory]
    [InlineData("TINYINT(1)", "0")]
    [InlineData("TINYINT(1)", "NULL")]
    [InlineData("TINYINT(1)", "2")]
    [InlineData("BIT(1)", "b'0'")]
    [InlineData("BIT(16)", "b'100000000'")]
    [InlineData("CHAR(1)", "'0'")]
    [InlineData("CHAR(1)", "''")]
    [InlineData("CHAR(1)", "NULL")]
    [InlineData("ENUM('0','1')", "'0'")]
    public async Task FindAsync_UserThatIsNotBlocked_IsLetIn(string type, string blocked)
    {
        Assert.Equal(new Session(SessionStatus.Known, 42), await FindAsync("42", new Columns { Blocked = type }, (42, blocked)));
    }

    [Theory]
    [InlineData("BIGINT", "INT")]
    [InlineData("INT", "BIGINT")]
    [InlineData("INT UNSIGNED", "BIGINT")]
    [InlineData("BIGINT", "BIGINT UNSIGNED")]
    public async Task FindAsync_IdsOfDifferentTypes_AreTheSameUser(string userId, string id)
    {
        Assert.Equal(SessionStatus.Blocked, (await FindAsync("42", new Columns { UserId = userId, Id = id }, (42, "1"))).Status);
    }

    [Fact]
    public async Task FindAsync_UserThatIsThereTwiceAndBlockedOnce_IsBlocked()
    {
        Assert.Equal(SessionStatus.Blocked, (await FindAsync("42", new Columns(), (42, "0"), (42, "1"))).Status);
        Assert.Equal(SessionStatus.Blocked, (await FindAsync("42", new Columns(), (42, "1"), (42, "0"))).Status);
    }

    // Only the user of the row that applies is checked.
    [Fact]
    public async Task FindAsync_OlderRowOfABlockedUser_IsLetIn()
    {
        var tables = await database.NewAsync();
        await tables.AddSessionAsync("token", "1", secondsLeft: 100);
        await tables.AddSessionAsync("token", "2", secondsLeft: 200);
        await tables.AddUserAsync(1, "1");
        await using var store = new TestStore(tables);

        Assert.Equal(new Session(SessionStatus.Known, 2), await store.FindAsync("token"));
    }

    // An id that is compared as a floating point number, or read as text, would match another user or none.
    [Theory]
    [InlineData("DECIMAL(10,2)")]
    [InlineData("DOUBLE")]
    [InlineData("FLOAT")]
    [InlineData("VARCHAR(20)")]
    [InlineData("BIT(32)")]
    public async Task FindAsync_IdOfATypeThatIsNoWholeNumber_IsRefusedByName(string type)
    {
        foreach (var (columns, column) in new[] { (new Columns { UserId = type }, "session.user_id"), (new Columns { Id = type }, "user.id") })
        {
            var tables = await database.NewAsync(columns);
            await tables.AddSessionAsync("token", "42");
            await using var store = new TestStore(tables);

            Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token")).Status);

            Assert.StartsWith($"sessions: column {column} is {type.ToLowerInvariant()}; it must be ", store.DegradedReason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("DATETIME")]
    [InlineData("DECIMAL(3,1)")]
    [InlineData("TEXT")]
    public async Task FindAsync_BlockedOfATypeThatCannotSayIt_IsRefusedByName(string type)
    {
        var tables = await database.NewAsync(new Columns { Blocked = type });
        await tables.AddSessionAsync("token", "42");
        await using var store = new TestStore(tables);

        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token")).Status);

        Assert.StartsWith($"sessions: column user.blocked is {type.ToLowerInvariant()}; it must be ", store.DegradedReason, StringComparison.Ordinal);
    }

    // 'Y' is not 1, so a user that is blocked with it would be admitted.
    [Theory]
    [InlineData("CHAR(1)", "'Y'")]
    [InlineData("ENUM('no','yes')", "'yes'")]
    public async Task FindAsync_BlockedByAWord_IsRefusedByName(string type, string blocked)
    {
        var tables = await database.NewAsync(new Columns { Blocked = type });
        await tables.AddSessionAsync("token", "42");
        await tables.AddUserAsync(42, blocked);
        await using var store = new TestStore(tables);

        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token")).Status);

        Assert.StartsWith("sessions: column user.blocked has values that are no numbers", store.DegradedReason, StringComparison.Ordinal);
    }

    private async Task<Session> FindAsync(string user, Columns columns, params (long Id, string Blocked)[] users)
    {
        var tables = await database.NewAsync(columns);
        await tables.AddSessionAsync(string.Create(CultureInfo.InvariantCulture, $"token of {user}"), user);
        foreach (var (id, blocked) in users)
        {
            await tables.AddUserAsync(id, blocked);
        }

        await using var store = new TestStore(tables);
        return await store.FindAsync($"token of {user}");
    }
}
