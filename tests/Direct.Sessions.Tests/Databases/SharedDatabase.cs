using Direct.Sessions.Tests.Databases;
using Direct.Sessions.Tests.Rights;
using Direct.Testing.Databases;

[assembly: AssemblyFixture(typeof(SharedDatabase))]
[assembly: AssemblyFixture(typeof(OpenTransactionsDatabase))]
[assembly: AssemblyFixture(typeof(LockingTransactionsDatabase))]

namespace Direct.Sessions.Tests.Databases;

/// <summary>Provides databases on the server that all tests share that do not stop or reconfigure it.</summary>
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

    /// <summary>Creates a new database with the two tables.</summary>
    public Task<SessionTables> NewAsync(Columns? columns = null) => SessionTables.CreateAsync(Server, NewName("sessions"), columns ?? new Columns(), User);

    /// <summary>Creates a new database with the tables from which the platform derives rights.</summary>
    internal Task<PlatformTables> NewPlatformAsync(string listOfChannels = "TEXT", string listOfMembers = "TEXT") =>
        PlatformTables.CreateAsync(Server, NewName("platform"), listOfChannels, listOfMembers);
}

/// <summary>Provides databases on the first server of <see cref="OddDefaults"/>.</summary>
public sealed class OpenTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartOpenTransactionsAsync(rows: 1));

/// <summary>Provides databases on the second server of <see cref="OddDefaults"/>.</summary>
public sealed class LockingTransactionsDatabase() : SharedDatabase(static () => OddDefaults.StartLockingTransactionsAsync(rows: 1));
