using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(SharedDatabase))]
[assembly: AssemblyFixture(typeof(OpenTransactionsDatabase))]
[assembly: AssemblyFixture(typeof(LockingTransactionsDatabase))]

namespace Direct.Silo.Tests.Silos;

/// <summary>One MariaDB for all tests; each takes a database of its own in it. Without MariaDB they are skipped.</summary>
public class SharedDatabase : IAsyncLifetime
{
    private MariaDb? _server;
    private int _databases;

    public async ValueTask InitializeAsync() => _server = MariaDb.WhyMissing is null ? await StartAsync() : null;

    /// <summary>A new, empty database.</summary>
    public async Task<TestDatabase> NewAsync()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var name = $"direct_{Interlocked.Increment(ref _databases)}";
        var database = new TestDatabase(name, _server!.ConnectionString(name, User));
        await using var connection = new MySqlConnection(_server.ConnectionString());
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"{OddDefaults.Undo} CREATE DATABASE {name} DEFAULT CHARACTER SET latin1", connection);
        await command.ExecuteNonQueryAsync();
        return database;
    }

    /// <summary>A new database with the schema in it.</summary>
    public async Task<TestDatabase> NewWithSchemaAsync()
    {
        var database = await NewAsync();
        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);
        Assert.True(exitCode == 0, output);
        return database;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Whom the connection strings name.</summary>
    protected virtual string User => MariaDb.User;

    protected virtual Task<MariaDb> StartAsync() => MariaDb.StartAsync();
}

/// <summary>The first of <see cref="OddDefaults"/>.</summary>
public sealed class OpenTransactionsDatabase : SharedDatabase
{
    protected override string User => MariaDb.PlainUser;

    protected override Task<MariaDb> StartAsync() => OddDefaults.StartOpenTransactionsAsync(rows: 100);
}

/// <summary>The second of <see cref="OddDefaults"/>.</summary>
public sealed class LockingTransactionsDatabase : SharedDatabase
{
    protected override string User => MariaDb.PlainUser;

    protected override Task<MariaDb> StartAsync() => OddDefaults.StartLockingTransactionsAsync(rows: 100);
}
