using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(SharedDatabase))]
[assembly: AssemblyFixture(typeof(OpenTransactionsDatabase))]
[assembly: AssemblyFixture(typeof(LockingTransactionsDatabase))]

namespace Direct.Silo.Tests.Silos;

/// <summary>The server of all tests that do it no harm.</summary>
public class SharedDatabase : SharedServer
{
    public SharedDatabase()
        : base(MariaDb.StartAsync, MariaDb.User)
    {
    }

    protected SharedDatabase(Func<Task<MariaDb>> start)
        : base(start, MariaDb.PlainUser)
    {
    }

    /// <summary>Makes a new, empty database.</summary>
    public async Task<TestDatabase> NewAsync()
    {
        var name = NewName("direct");
        var database = new TestDatabase(name, Server.ConnectionString(name, User));
        await using var connection = new MySqlConnection(Server.ConnectionString());
        await connection.OpenAsync();
        await using var command = new MySqlCommand($"{OddDefaults.Undo} CREATE DATABASE {name} DEFAULT CHARACTER SET latin1", connection);
        await command.ExecuteNonQueryAsync();
        return database;
    }

    /// <summary>Makes a new database with the schema in it.</summary>
    public async Task<TestDatabase> NewWithSchemaAsync()
    {
        var database = await NewAsync();
        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);
        Assert.True(exitCode == 0, output);
        return database;
    }
}

/// <summary>The first of <see cref="OddDefaults"/>.</summary>
public sealed class OpenTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartOpenTransactionsAsync(rows: 100));

/// <summary>The second of <see cref="OddDefaults"/>.</summary>
public sealed class LockingTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartLockingTransactionsAsync(rows: 100));
