using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(SharedDatabase))]
[assembly: AssemblyFixture(typeof(OpenTransactionsDatabase))]
[assembly: AssemblyFixture(typeof(LockingTransactionsDatabase))]

namespace Direct.Silo.Tests.Silos;

/// <summary>Provides databases on the server that all tests share that do not stop or reconfigure it.</summary>
public class SharedDatabase : SharedServer
{
    // The schema=apply command is a process, so it runs once for each server, and its tables are copied to all other databases.
    private readonly Lazy<Task<TestDatabase>> _withSchema;

    public SharedDatabase()
        : base(MariaDb.StartAsync, MariaDb.User) => _withSchema = new(ApplySchemaAsync);

    protected SharedDatabase(Func<Task<MariaDb>> start)
        : base(start, MariaDb.PlainUser) => _withSchema = new(ApplySchemaAsync);

    /// <summary>Creates a new, empty database.</summary>
    public async Task<TestDatabase> NewAsync()
    {
        var name = NewName("direct");
        await ExecuteAsync($"CREATE DATABASE {name} DEFAULT CHARACTER SET latin1");
        return new TestDatabase(name, Server.ConnectionString(name, User));
    }

    /// <summary>Creates a new database with the schema.</summary>
    public async Task<TestDatabase> NewWithSchemaAsync()
    {
        var database = await NewAsync();
        var original = await _withSchema.Value;
        var tables = await original.ReadAsync("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()");
        await ExecuteAsync(string.Concat(tables.Select(table =>
            $"CREATE TABLE {database.Name}.{table} LIKE {original.Name}.{table}; INSERT INTO {database.Name}.{table} SELECT * FROM {original.Name}.{table};")));
        return database;
    }

    private async Task<TestDatabase> ApplySchemaAsync()
    {
        var database = await NewAsync();
        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);
        Assert.True(exitCode == 0, output);
        return database;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection(Server.ConnectionString());
        await connection.OpenAsync();
        await using var command = new MySqlCommand(OddDefaults.Undo + sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Provides databases on the first server of <see cref="OddDefaults"/>.</summary>
public sealed class OpenTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartOpenTransactionsAsync(rows: 100));

/// <summary>Provides databases on the second server of <see cref="OddDefaults"/>.</summary>
public sealed class LockingTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartLockingTransactionsAsync(rows: 100));
