using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(SharedDatabase))]

namespace Direct.Silo.Tests.Silos;

/// <summary>One MariaDB for all tests; each takes a database of its own in it. Without MariaDB they are skipped.</summary>
public sealed class SharedDatabase : IAsyncLifetime
{
    private MariaDb? _server;
    private int _databases;

    public async ValueTask InitializeAsync() => _server = MariaDb.WhyMissing is null ? await MariaDb.StartAsync() : null;

    /// <summary>A new, empty database.</summary>
    public async Task<TestDatabase> NewAsync()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var name = $"direct_{Interlocked.Increment(ref _databases)}";
        var database = new TestDatabase(name, _server!.ConnectionString(name));
        await using var connection = new MySqlConnection(_server.ConnectionString());
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"CREATE DATABASE {name} DEFAULT CHARACTER SET latin1", connection);
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
    }
}
