using System.Globalization;
using Direct.Sessions.Tests.Databases;
using Direct.Testing.Databases;

namespace Direct.Sessions.Tests.Rights;

/// <summary>Tests that the PHP program of docs/operate/rights.md answers gateways as the page says.</summary>
public sealed class RightsHookTests(SharedDatabase database)
{
    private const string Three = """[{"user":42,"group":7,"channel":1},{"user":43,"group":7,"channel":1},{"user":42,"group":7,"channel":0}]""";

    [Fact]
    public async Task Hook_AskedForManyKeys_AnswersAMaskForEachInTheirOrder()
    {
        var tables = await database.NewAsync();
        await using var hook = await RightsHook.StartAsync(tables);
        await tables.InTableAsync(
            """
            INSERT INTO room_right VALUES (42, 7, 1, 3), (42, 7, 0, 1), (44, 7, 1, 5), (-5, 7, 1, 1), (42, 9007199254740993, -9223372036854775808, 2),
                (42, 1, 71, 7), (427, 1, 1, 7)
            """);

        Assert.Equal((200, "[3,0,1]"), await hook.AskAsync(Three));
        Assert.Equal(
            (200, "[1,2,0,2,5]"),
            await hook.AskAsync(
                """
                [{"user":-5,"group":7,"channel":1},{"user":42,"group":9007199254740993,"channel":-9223372036854775808},
                 {"user":42,"group":9007199254740992,"channel":-9223372036854775808},{"user":42,"group":9007199254740993,"channel":-9223372036854775808},
                 {"user":44,"group":7,"channel":1}]
                """));
    }

    // On a server of its own, which counts the statements of no other test.
    [Fact]
    public async Task Hook_AskedForAHundredKeys_AsksTheDatabaseOnce()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await using var server = await MariaDb.StartAsync();
        var tables = await SessionTables.CreateAsync(server, "hook", new Columns());
        await using var hook = await RightsHook.StartAsync(tables);
        await tables.InTableAsync("INSERT INTO room_right SELECT seq, 7, 1, seq % 4 FROM seq_1_to_200");
        var keys = Enumerable.Range(1, 100).Select(user => string.Create(CultureInfo.InvariantCulture, $$"""{"user":{{user}},"group":7,"channel":1}"""));
        var before = await SelectsAsync(tables);
        var ownSelects = await SelectsAsync(tables) - before;

        var answer = await hook.AskAsync($"[{string.Join(',', keys)}]");

        Assert.Equal((200, $"[{string.Join(',', Enumerable.Range(1, 100).Select(user => user % 4))}]"), answer);
        Assert.Equal(1, await SelectsAsync(tables) - before - (2 * ownSelects));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2c61d0e7b9a84f5")]
    [InlineData("another")]
    public async Task Hook_WithoutItsSecret_Answers403AndNothingElse(string? secret)
    {
        await using var hook = await RightsHook.StartAsync(await database.NewAsync());

        Assert.Equal((403, ""), await hook.AskAsync(Three, secret));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    public async Task Hook_ThatHasNoSecret_RefusesEveryone(string? secret)
    {
        await using var hook = await RightsHook.StartAsync(await database.NewAsync(), secret: "");

        Assert.Equal(500, (await hook.AskAsync(Three, secret)).Status);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""[[[[1]]]]""")]
    public async Task Hook_AskedForSomethingElse_Answers500(string body)
    {
        await using var hook = await RightsHook.StartAsync(await database.NewAsync());

        Assert.Equal(500, (await hook.AskAsync(body)).Status);
    }

    // PHP answers 200 with the text of the error if errors are displayed. A gateway must not read that as masks.
    [Fact]
    public async Task Hook_WithoutItsTable_Answers500()
    {
        var tables = await database.NewAsync();
        await using var hook = await RightsHook.StartAsync(tables);
        await tables.InTableAsync("DROP TABLE room_right");

        Assert.Equal(500, (await hook.AskAsync(Three)).Status);
    }

    private static async Task<long> SelectsAsync(SessionTables tables) => Convert.ToInt64(
        await tables.ReadAsync("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Com_select'"), CultureInfo.InvariantCulture);
}
