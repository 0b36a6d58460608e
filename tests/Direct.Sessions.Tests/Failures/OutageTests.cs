using System.Diagnostics;
using System.Globalization;
using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Gateways;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Time;
using MySqlConnector;

namespace Direct.Sessions.Tests.Failures;

/// <summary>Tests a database that stops and comes back, with a gateway that runs all the time.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private MariaDb? _server;
    private SessionTables? _tables;

    private MariaDb Server => _server!;

    private SessionTables Tables => _tables!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        _server = await MariaDb.StartAsync(["--innodb-flush-log-at-trx-commit=1"], []); // a killed server keeps the rows that were committed just before
        _tables = await SessionTables.CreateAsync(_server, "sessions", new Columns());
        await _tables.AddSessionAsync("token", "42");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync(); // SIGKILL also ends a process that is stopped by SIGSTOP
        }
    }

    [Fact]
    public async Task Database_DownAtTheStart_IsSaidAndUsedWhenItComes()
    {
        await Server.StopAsync();
        await using var gateway = await ProductionGateway.StartAsync(Tables.ConnectionString);

        await DegradedAsync(gateway);
        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);
        await gateway.Process.WaitForOutputAsync("Sessions cannot be looked up in database 'sessions'");

        await Server.StartAgainAsync();
        await ReadyAsync(gateway);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
        LogLines.AssertNone(gateway.Process.Output, line => line.Contains(MariaDb.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Database_WithoutItsTables_SaysWhichIsMissingAndIsUsedWhenTheyAreMade()
    {
        await Tables.InTableAsync("RENAME TABLE session TO elsewhere, user TO nowhere");
        await using var gateway = await ProductionGateway.StartAsync(Tables.ConnectionString);
        await gateway.Process.WaitForOutputAsync("there is no table session, or this user may not read it; there is no table user");
        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);

        await Tables.InTableAsync("RENAME TABLE elsewhere TO session");
        await gateway.Process.WaitForOutputAsync("in database 'sessions' at 127.0.0.1:" + FormattableString.Invariant($"{Server.Port}: there is no table user,"));

        await Tables.InTableAsync("RENAME TABLE nowhere TO user");
        await ReadyAsync(gateway);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
    }

    // A date that is compared with seconds as a number would never expire.
    [Fact]
    public async Task Column_OfAWrongTypeInADatabaseThatComesLate_IsNamedUntilItIsRight()
    {
        await Tables.InTableAsync("ALTER TABLE session DROP expire, ADD expire DATE");
        await Tables.InTableAsync("UPDATE session SET expire = '2001-01-01'");
        await Server.StopAsync();
        await using var gateway = await ProductionGateway.StartAsync(Tables.ConnectionString);
        await DegradedAsync(gateway);
        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);

        await Server.StartAgainAsync();
        await SaysAsync(
            gateway,
            "200 degraded: sessions: column session.expire is date; it must be INT, BIGINT, DECIMAL or DOUBLE (seconds since 1970), "
                + "DATETIME (in UTC) or TIMESTAMP");
        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);

        await Tables.InTableAsync("ALTER TABLE session MODIFY expire DATETIME; UPDATE session SET expire = UTC_TIMESTAMP() + INTERVAL 1 HOUR");
        await ReadyAsync(gateway);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
    }

    [Fact]
    public async Task Database_ThatLetsNobodyIn_SaysSo()
    {
        var wrong = new MySqlConnectionStringBuilder(Tables.ConnectionString) { Password = "another word" };
        await using var gateway = await ProductionGateway.StartAsync(wrong.ConnectionString);

        await gateway.Process.WaitForOutputAsync("Access denied for user 'direct'");

        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);
        LogLines.AssertNone(gateway.Process.Output, line => line.Contains("another word", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task Database_ThatEnds_RefusesLoginsAndHealsWhileOpenConnectionsLiveOn(string signal)
    {
        await using var gateway = await ProductionGateway.StartAsync(Tables.ConnectionString, "Direct:Sessions:CacheFor=00:00:00");
        await using var open = await gateway.EnterAsync("token");
        await open.JoinAsync(1, 2);

        await Server.SendAsync(signal);
        await Deadline.UntilAsync("the database has ended", () => !Server.IsRunning, Patience);
        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);
        await DegradedAsync(gateway);
        await open.BroadcastAsync("still here");
        Assert.Equal("still here", await open.ReceiveTextAsync());

        await Server.StartAgainAsync();
        await ReadyAsync(gateway);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
        await open.SyncAsync();
    }

    // The connections of the pool are open, but receive no responses.
    [Fact]
    public async Task Database_ThatHangs_RefusesLoginsInTimeAndHeals()
    {
        await using var gateway = await ProductionGateway.StartAsync(
            Tables.ConnectionString, "Direct:Sessions:Timeout=00:00:02", "Direct:Sessions:CacheFor=00:00:00");
        await using var open = await gateway.EnterAsync("token");
        await open.JoinAsync(1, 2);

        await Server.SendAsync("STOP");
        var watch = Stopwatch.StartNew();
        var refusals = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => gateway.RefusedAsync($"token {i}", Patience)));
        Assert.All(refusals, refusal => Assert.Equal(4005, refusal.Code));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // one after another they would take 100 s
        await DegradedAsync(gateway);

        // From now on logins are refused without a wait.
        watch.Restart();
        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1.9));
        await open.BroadcastAsync("still here");
        Assert.Equal("still here", await open.ReceiveTextAsync());

        await Server.SendAsync("CONT");
        await ReadyAsync(gateway);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
        await open.SyncAsync();
    }

    // A query that an administrator or a proxy killed is not an outage.
    [Fact]
    public async Task Connections_ThatAreKilled_HealAtOnce()
    {
        await using var gateway = await ProductionGateway.StartAsync(Tables.ConnectionString, "Direct:Sessions:CacheFor=00:00:00");
        Assert.Equal(42, await gateway.UserOfAsync("token"));

        await Tables.ReadAsync(
            """
            BEGIN NOT ATOMIC
                FOR connection IN (SELECT id FROM information_schema.processlist WHERE db = 'sessions' AND id <> CONNECTION_ID()) DO
                    KILL connection.id;
                END FOR;
            END
            """);

        Assert.Equal(42, await gateway.UserOfAsync("token"));
        LogLines.AssertNone(gateway.Process.Output, line => line.Contains("cannot be looked up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Table_ThatIsLocked_RefusesLoginsUntilItIsNot()
    {
        await using var gateway = await ImpatientGatewayAsync();
        await using (var locker = new MySqlConnection(Tables.ConnectionString + ";Pooling=false"))
        {
            await locker.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new MySqlCommand("LOCK TABLES session WRITE", locker);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);
            await DegradedAsync(gateway);
        }

        await ReadyAsync(gateway);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
    }

    // No login waits for such a query any more, so the database must end it. Otherwise a few logins would keep it busy for hours.
    [Fact]
    public async Task Query_ThatTakesTooLong_IsEndedByTheDatabase()
    {
        const string UnderWay =
            "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE '%UNHEX%' AND time_ms > 2500 AND id <> CONNECTION_ID()";
        await using var gateway = await ImpatientGatewayAsync();
        await Tables.InTableAsync(
            """
            RENAME TABLE session TO kept;
            CREATE VIEW session AS SELECT token, user_id, expire FROM kept WHERE BENCHMARK(2000000000, SHA1(token)) = 0 LIMIT 9
            """);

        Assert.Equal(4005, (await gateway.RefusedAsync("token")).Code);
        await DegradedAsync(gateway);

        await Tables.InTableAsync("DROP VIEW session; RENAME TABLE kept TO session");
        await ReadyAsync(gateway);
        await Deadline.UntilAsync(
            "no query goes on", async () => Convert.ToInt64(await Tables.ReadAsync(UnderWay), CultureInfo.InvariantCulture) == 0);
        Assert.Equal(42, await gateway.UserOfAsync("token"));
    }

    private static Task SaysAsync(ProductionGateway gateway, string text)
    {
        var last = "";
        return Deadline.UntilAsync($"/readyz says '{text}'", async () => (last = await gateway.ReadyAsync()) == text, Patience, () => last);
    }

    private static Task DegradedAsync(ProductionGateway gateway) => SaysAsync(gateway, "200 degraded: sessions");

    private static Task ReadyAsync(ProductionGateway gateway) => SaysAsync(gateway, "200 ready");

    private Task<ProductionGateway> ImpatientGatewayAsync() =>
        ProductionGateway.StartAsync(Tables.ConnectionString, "Direct:Sessions:Timeout=00:00:01", "Direct:Sessions:CacheFor=00:00:00");
}
