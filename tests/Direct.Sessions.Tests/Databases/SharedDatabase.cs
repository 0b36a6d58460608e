using Direct.Sessions.Tests.Databases;
using Direct.Testing.Databases;

[assembly: AssemblyFixture(typeof(SharedDatabase))]
[assembly: AssemblyFixture(typeof(OpenTransactionsDatabase))]
[assembly: AssemblyFixture(typeof(LockingTransactionsDatabase))]

namespace Direct.Sessions.Tests.Databases;

/// <summary>Represents the server of all tests that do it no harm.</summary>
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

    /// <summary>Makes a new database with the two tables.</summary>
    public Task<SessionTables> NewAsync(Columns? columns = null) => SessionTables.CreateAsync(Server, NewName("sessions"), columns ?? new Columns(), User);
}

/// <summary>Represents the first of <see cref="OddDefaults"/>.</summary>
public sealed class OpenTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartOpenTransactionsAsync(rows: 1));

/// <summary>Represents the second of <see cref="OddDefaults"/>.</summary>
public sealed class LockingTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartLockingTransactionsAsync(rows: 1));
