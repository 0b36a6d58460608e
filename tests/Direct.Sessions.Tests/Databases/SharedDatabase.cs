using Direct.Sessions.Tests.Databases;
using Direct.Testing.Databases;

[assembly: AssemblyFixture(typeof(SharedDatabase))]

namespace Direct.Sessions.Tests.Databases;

/// <summary>One MariaDB for all tests that do it no harm; each takes a database of its own in it. Without it they are skipped.</summary>
public sealed class SharedDatabase : IAsyncLifetime
{
    private MariaDb? _server;
    private int _databases;

    public async ValueTask InitializeAsync() => _server = MariaDb.WhyMissing is null ? await MariaDb.StartAsync() : null;

    /// <summary>A new database with the two tables.</summary>
    public Task<SessionTables> NewAsync(Columns? columns = null)
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        return SessionTables.CreateAsync(_server!, $"sessions_{Interlocked.Increment(ref _databases)}", columns ?? new Columns());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
