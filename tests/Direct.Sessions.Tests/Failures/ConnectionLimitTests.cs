using System.Globalization;
using Direct.Edge.Identity;
using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Lookups;
using Direct.Testing.Databases;
using Direct.Testing.Time;
using MySqlConnector;

namespace Direct.Sessions.Tests.Failures;

/// <summary>Tests a database that allows fewer connections than a gateway would use: logins wait for a free connection.</summary>
public sealed class ConnectionLimitTests : IAsyncLifetime
{
    private const int Logins = 400;

    private MariaDb? _server;
    private SessionTables? _tables;

    private SessionTables Tables => _tables!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        _server = await MariaDb.StartAsync(["--max-user-connections=1000"], []); // without a limit at the start, no limit can be set later

        _tables = await SessionTables.CreateAsync(_server, "sessions", new Columns(), MariaDb.PlainUser);
        await _tables.InTableAsync($"INSERT INTO session SELECT CONCAT('token-', seq), seq, UNIX_TIMESTAMP() + 3600 FROM seq_1_to_{Logins}");

        // Each look-up takes a moment, so that look-ups overlap.
        await _tables.InTableAsync(
            $"""
            RENAME TABLE user TO kept;
            INSERT INTO kept (id, blocked) SELECT seq, 0 FROM seq_1_to_{Logins};
            CREATE VIEW user AS SELECT * FROM kept WHERE SLEEP(0.001) = 0
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("ALTER USER 'plain'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 5")]
    [InlineData("ALTER USER 'plain'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1")]
    [InlineData("SET GLOBAL max_user_connections = 5")]
    [InlineData("SET GLOBAL max_connections = 10")]
    public async Task ManyLoginsAtOnce_WithFewConnections_WaitAndAreAllAnswered(string limit)
    {
        await Tables.ReadAsync(limit);
        await using var store = new TestStore(Tables);

        var sessions = await Task.WhenAll(Enumerable.Range(1, Logins).Select(i => store.FindAsync($"token-{i}")));

        Assert.Equal(Enumerable.Range(1, Logins).Select(i => new Session(SessionStatus.Known, i)), sessions);
        Assert.Null(store.DegradedReason);
    }

    // Another client uses all connections. A login waits up to its timeout, and uses a connection that becomes free.
    [Fact]
    public async Task Login_WithNoConnectionAtAll_WaitsForTheFirst()
    {
        await Tables.ReadAsync("ALTER USER 'plain'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1");
        var other = new MySqlConnection(Tables.ConnectionString + ";Pooling=false");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var store = new TestStore(Tables.ConnectionString, timeout: TimeSpan.FromSeconds(10));

        var login = store.FindAsync("token-7");
        await Deadline.UntilAsync("it was refused", async () => await RefusalsAsync() > 1, actual: () => "no refusals");
        Assert.False(login.IsCompleted);
        await other.DisposeAsync();

        Assert.Equal(new Session(SessionStatus.Known, 7), await login);
        Assert.True(store.Circuit.IsUp);
    }

    [Fact]
    public async Task Login_WithNoConnectionForTooLong_IsUnavailableAndSaid()
    {
        await Tables.ReadAsync("ALTER USER 'plain'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1");
        await using var other = new MySqlConnection(Tables.ConnectionString + ";Pooling=false");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var store = new TestStore(Tables.ConnectionString, timeout: TimeSpan.FromSeconds(1));

        Assert.Equal(SessionStatus.Unavailable, (await store.FindAsync("token-7")).Status);

        Assert.Equal("sessions", store.DegradedReason);
    }

    // A limit may be temporary.
    [Fact]
    public async Task Connections_AfterTheLimitWasRaised_BecomeMoreAgain()
    {
        await Tables.ReadAsync("ALTER USER 'plain'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1");
        await using var store = new TestStore(Tables);
        await ManyAsync();

        await Tables.ReadAsync("ALTER USER 'plain'@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0");

        await Deadline.UntilAsync(
            "there are three connections",
            async () =>
            {
                await ManyAsync();
                return await ConnectionsAsync() >= 3;
            },
            TimeSpan.FromSeconds(60));

        Task ManyAsync() => Task.WhenAll(Enumerable.Range(1, Logins).Select(i => store.FindAsync($"token-{i}")));
    }

    private async Task<long> RefusalsAsync() => Convert.ToInt64(
        await Tables.ReadAsync("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Aborted_connects'"),
        CultureInfo.InvariantCulture);

    private async Task<long> ConnectionsAsync() => Convert.ToInt64(
        await Tables.ReadAsync("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'plain'"), CultureInfo.InvariantCulture);
}
