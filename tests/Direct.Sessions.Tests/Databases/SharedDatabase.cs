using Direct.Sessions.Tests.Databases;
using Direct.Testing.Databases;

[assembly: AssemblyFixture(typeof(SharedDatabase))]
[assembly: AssemblyFixture(typeof(OpenTransactionsDatabase))]
[assembly: AssemblyFixture(typeof(LockingTransactionsDatabase))]

namespace Direct.Sessions.Tests.Databases;

/// <summary>One MariaDB for all tests that do it no harm; each takes a database of its own in it. Without it they are skipped.</summary>
public class SharedDatabase : IAsyncLifetime
{
    private MariaDb? _server;
    private int _databases;

    public async ValueTask InitializeAsync() => _server = MariaDb.WhyMissing is null ? await StartAsync() : null;

    /// <summary>A new database with the two tables.</summary>
    public Task<SessionTables> NewAsync(Columns? columns = null)
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        return SessionTables.CreateAsync(_server!, $"sessions_{Interlocked.Increment(ref _databases)}", columns ?? new Columns(), User);
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

    protected override Task<MariaDb> StartAsync() => OddDefaults.StartOpenTransactionsAsync(rows: 1);
}

/// <summary>The second of <see cref="OddDefaults"/>.</summary>
public sealed class LockingTransactionsDatabase : SharedDatabase
{
    protected override string User => MariaDb.PlainUser;

    protected override Task<MariaDb> StartAsync() => OddDefaults.StartLockingTransactionsAsync(rows: 1);
}
