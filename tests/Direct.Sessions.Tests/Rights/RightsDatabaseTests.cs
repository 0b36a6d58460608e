using System.Globalization;
using Direct.Edge.Node;
using Direct.Edge.Rights;
using Direct.Gateway.Rights;
using Direct.Gateway.Sessions;
using Direct.Lookups;
using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Lookups;
using Direct.Testing.Databases;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Sessions.Tests.Rights;

/// <summary>Tests the statement of rights in a real database.</summary>
public sealed class RightsDatabaseTests(SharedDatabase shared, OpenTransactionsDatabase open, LockingTransactionsDatabase locking) : IAsyncDisposable
{
    // What anyone may read at /readyz.
    private const string Unusable = "rights: answers that cannot be used, see the log";

    private const string Query = "SELECT mask FROM room_right WHERE user_id = @user AND group_id = @group AND channel_id = @channel";

    private readonly CancellationTokenSource _stop = new();
    private readonly TestMeters _meters = new();
    private readonly NodeGate _gate = new();
    private readonly RecordingLogger<RightsCircuit> _log = new();
    private RightsDatabase? _database;
    private RightsSource? _source;
    private Task _running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _stop.Dispose();
        _meters.Dispose();
    }

    // On any server: those of the second and the third begin connections with unusual settings.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task FindAllAsync_ManyKeys_AreAnsweredInTheirOrder(int server)
    {
        SharedDatabase[] servers = [shared, open, locking];
        var tables = await NewAsync(servers[server]);
        RightsKey[] keys = [.. Enumerable.Range(1, IRightsSource.MaxKeys).Select(user => new RightsKey(user, 7, -user))];
        foreach (var key in keys.Where(key => key.User % 3 != 0))
        {
            await tables.InTableAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO room_right VALUES ({key.User}, 7, {-key.User}, {key.User})"));
        }

        Use(tables.ConnectionString, Query);

        Assert.Equal(keys.Select(key => key.User % 3 == 0 ? 0 : (long?)key.User), await FindAsync(keys));
        Assert.Null(_gate.DegradedReason);
    }

    [Fact]
    public async Task FindAllAsync_IdsOf64Bits_AreCompared()
    {
        var tables = await NewAsync(shared);
        await tables.InTableAsync(
            $"""
            INSERT INTO room_right VALUES
                (-9223372036854775808, 9223372036854775807, -9223372036854775808, 1), (9007199254740993, 9007199254740993, 0, {long.MaxValue})
            """);
        Use(tables.ConnectionString, Query);

        Assert.Equal(
            [1, long.MaxValue, 0],
            await FindAsync(
                new RightsKey(long.MinValue, long.MaxValue, long.MinValue),
                new RightsKey(9007199254740993, 9007199254740993, 0),
                new RightsKey(9007199254740992, 9007199254740993, 0)));
    }

    [Theory]
    [InlineData("SELECT NULL", 0)]
    [InlineData("SELECT CAST(NULL AS SIGNED)", 0)]
    [InlineData("SELECT 3 FROM room_right WHERE mask < 0", 0)]
    [InlineData("SELECT SUM(mask) FROM room_right WHERE mask < 0", 0)]
    [InlineData("SELECT SUM(n) FROM (SELECT 1 AS n UNION ALL SELECT 2) AS two", 3)]
    [InlineData("SELECT CAST(3 AS UNSIGNED)", 3)]
    [InlineData("SELECT 1 = 1", 1)]
    [InlineData("SELECT CAST(1 AS SIGNED) | 2 | (@user = @group = @channel)", 3)]
    [InlineData("SELECT 3;", 3)]
    [InlineData("SELECT 3; ; ", 3)]
    [InlineData("SELECT 3; -- rights", 3)]
    [InlineData("SELECT LENGTH('it''s \\\\ \"')", 8)]
    [InlineData("SELECT 3 -- a comment; with a quote ' and @user", 3)]
    [InlineData("SELECT 3 # a comment", 3)]
    [InlineData("SELECT LENGTH('@user;')", 6)]
    [InlineData("SELECT IF(@user = 42 AND @group = 7 AND @channel = 1, 3, 0)", 3)]
    [InlineData("WITH r AS (SELECT 3 AS mask) SELECT mask FROM r", 3)]
    public async Task FindAllAsync_AnyStatementOfOneInteger_IsItsNumber(string query, long expected)
    {
        var tables = await NewAsync(shared);
        Use(tables.ConnectionString, query);

        Assert.Equal([expected, expected], await FindAsync(new RightsKey(42, 7, 1), new RightsKey(42, 7, 1)));
    }

    [Theory]
    [InlineData("SELEC 3", "the query failed: You have an error in your SQL syntax")]
    [InlineData("SELECT 3 FROM nowhere", "the query failed: Table ")]
    [InlineData("SELECT nothing FROM room_right", "the query failed: Unknown column 'nothing'")]
    [InlineData("SELECT 1, 2", "the query returns 2 columns, expected one integer")]
    [InlineData("SELECT 'three'", "the query returns VARCHAR, expected one integer")]
    [InlineData("SELECT '3' FROM room_right WHERE mask < 0", "the query returns VARCHAR, expected one integer")]
    [InlineData("SELECT 1.5", "the query returns 1.5, expected an integer of 64 bits")]
    [InlineData("SELECT 1e0", "the query returns DOUBLE, expected one integer")]
    [InlineData("SELECT -1", "the number -1, expected 0 or a positive one")]
    [InlineData("SELECT CAST(-1 AS UNSIGNED)", "the query returns 18446744073709551615, expected an integer of 64 bits")]
    [InlineData("SELECT 1 UNION ALL SELECT 2", "the query returns several rows, expected one at most")]
    [InlineData("SELECT 1; SELECT 2", "the query failed: You have an error in your SQL syntax")]
    [InlineData("SELECT 3 INTO @mask; SELECT @mask", "the query failed: You have an error in your SQL syntax")]
    [InlineData("CALL two_results()", "the query has more than one result, expected one")]
    [InlineData("SET @mask = 3", "the query has no result, expected one integer")]
    public async Task RunAsync_QueryThatCannotBeUsed_LetsNobodyInAndSaysWhy(string query, string reason)
    {
        var tables = await NewAsync(shared);
        Use(tables.ConnectionString, query);

        Assert.Equal([null, null], await FindAsync(new RightsKey(42, 7, 1), new RightsKey(43, 7, 1)));
        _running = _source!.RunAsync(_stop.Token);

        await Deadline.UntilAsync("it is degraded", () => _gate.DegradedReason == Unusable, actual: () => _gate.DegradedReason ?? "nothing");
        Assert.Contains(_log.Entries, entry => entry.Contains(reason, StringComparison.Ordinal));
        Assert.Equal([null], await FindAsync(new RightsKey(42, 7, 1)));
    }

    // The values of one key make the statement fail, or answer badly. Those who were asked for with it must be answered, or one user could keep all out.
    [Theory]
    [InlineData("SELECT (SELECT 3 UNION ALL SELECT IF(@user = 42, 1, 3) WHERE @user = 42)")]
    [InlineData("SELECT IF(@user = 42, -1, 3)")]
    [InlineData("SELECT 3 UNION ALL SELECT 1 FROM (SELECT 1) AS one WHERE @user = 42")]
    public async Task FindAllAsync_OneKeyThatFails_IsUnavailableAlone(string query)
    {
        var tables = await NewAsync(shared);
        Use(tables.ConnectionString, query);

        Assert.Equal(
            [3, null, 3, null, 3],
            await FindAsync(new RightsKey(1, 7, 1), new RightsKey(42, 7, 1), new RightsKey(2, 7, 1), new RightsKey(42, 7, 2), new RightsKey(3, 7, 1)));
        Assert.EndsWith("(user 42, group 7, channel 1)", Assert.Single(_log.Entries), StringComparison.Ordinal);
        Assert.Equal(Unusable, _gate.DegradedReason);
    }

    // Without a check each answer after the missing one would be that of another key.
    [Fact]
    public async Task FindAllAsync_KeyWithoutAResult_TakesTheAnswerOfNoOther()
    {
        var tables = await NewAsync(shared);
        await tables.InTableAsync(
            "CREATE PROCEDURE odd(IN user BIGINT) BEGIN IF user = 42 THEN DO 0; ELSE SELECT user; END IF; END");
        Use(tables.ConnectionString, "CALL odd(@user)");

        Assert.Equal([1, null, 2, null, 3], await FindAsync([.. new long[] { 1, 42, 2, 42, 3 }.Select(user => new RightsKey(user, 7, 1))]));
    }

    // The time is for the whole look-up, however many keys it has.
    [Fact]
    public async Task FindAllAsync_ManySlowKeys_EndAfterOneTimeout()
    {
        var tables = await NewAsync(shared);
        Use(tables.ConnectionString, "SELECT 3 + SLEEP(0.4) * (@user <> 0)", TimeSpan.FromSeconds(1));
        var startedAt = TimeProvider.System.GetTimestamp();

        var answers = await FindAsync([.. Enumerable.Range(1, 20).Select(user => new RightsKey(user, 7, 1))]);

        Assert.All(answers, answer => Assert.Null(answer));
        Assert.InRange(TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds, 0.9, 7.9); // all of them take 8 s
    }

    [Fact]
    public async Task RunAsync_TableThatIsCreatedLater_IsUsedThen()
    {
        var tables = await NewAsync(shared);
        Use(tables.ConnectionString, Query.Replace("room_right", "later", StringComparison.Ordinal));
        _running = _source!.RunAsync(_stop.Token);
        await Deadline.UntilAsync("it is degraded", () => _gate.DegradedReason is not null);

        await tables.InTableAsync("CREATE TABLE later LIKE room_right; INSERT INTO later VALUES (42, 7, 1, 3)");

        await Deadline.UntilAsync("it is used", () => _gate.DegradedReason is null);
        Assert.Equal([3], await FindAsync(new RightsKey(42, 7, 1)));
    }

    [Fact]
    public async Task RunAsync_ServerThatStopsAndStarts_IsUnavailableMeanwhile()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await using var server = await MariaDb.StartAsync();
        var tables = await SessionTables.CreateAsync(server, "rights", new Columns());
        Use(tables.ConnectionString, "SELECT IF(@user = @group = @channel, 3, 3)");
        _running = _source!.RunAsync(_stop.Token);
        Assert.Equal([3], await FindAsync(new RightsKey(42, 7, 1)));

        await server.StopAsync();
        Assert.Equal([null], await FindAsync(new RightsKey(42, 7, 1)));
        Assert.Equal("rights", _gate.DegradedReason);

        await server.StartAgainAsync();
        await Deadline.UntilAsync("it is used again", () => _gate.DegradedReason is null);
        Assert.Equal([3], await FindAsync(new RightsKey(42, 7, 1)));
    }

    // The session database is the default.
    [Fact]
    public async Task Location_WithoutAConnectionString_IsThatOfTheSessions()
    {
        var tables = await NewAsync(shared);
        var sessions = Options.Create(new MySqlSessionOptions { ConnectionString = tables.ConnectionString });
        await using var database = new RightsDatabase(Options.Create(new RightsOptions { Query = Query }), sessions, new TestLogger<RightsDatabase>());

        Assert.StartsWith($"database '{tables.Name}' at ", database.Location, StringComparison.Ordinal);
    }

    private static async Task<SessionTables> NewAsync(SharedDatabase database)
    {
        var tables = await database.NewAsync();
        await tables.InTableAsync(
            "CREATE TABLE room_right (user_id BIGINT, group_id BIGINT, channel_id BIGINT, mask BIGINT, PRIMARY KEY (user_id, group_id, channel_id))");
        await tables.InTableAsync("CREATE PROCEDURE two_results() BEGIN SELECT 1; SELECT 2; END");
        return tables;
    }

    private void Use(string connectionString, string query, TimeSpan? timeout = null)
    {
        var options = new RightsOptions { Query = query, ConnectionString = connectionString, Timeout = timeout ?? TimeSpan.FromSeconds(5) };
        _database = new RightsDatabase(Options.Create(options), Options.Create(new MySqlSessionOptions()), new TestLogger<RightsDatabase>());
        _source = new RightsSource(
            _database,
            new RightsCircuit(_database, _gate, new LookupMetrics(_meters, RightsServices.Area), TimeProvider.System, _log),
            options.Timeout,
            TimeProvider.System);
    }

    private Task<IReadOnlyList<long?>> FindAsync(params RightsKey[] keys) =>
        Deadline.RunAsync("rights", cancellationToken => _source!.FindAllAsync(keys, cancellationToken));
}
