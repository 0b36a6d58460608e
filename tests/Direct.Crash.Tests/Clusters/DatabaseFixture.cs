using Direct.Crash.Tests.Clusters;
using Direct.Testing.Databases;

[assembly: AssemblyFixture(typeof(DatabaseFixture))]

namespace Direct.Crash.Tests.Clusters;

/// <summary>Provides one temporary MariaDB with the schema for all scenarios; each scenario has a separate cluster id.</summary>
public sealed class DatabaseFixture : IAsyncLifetime
{
    private int _lastCluster;

    /// <summary>Gets the database; null when MariaDB is not installed.</summary>
    public MariaDb? Database { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (MariaDb.WhyMissing is null)
        {
            Database = await MariaDb.StartAsync();
        }
    }

    public string NextClusterId() => FormattableString.Invariant($"crash-{Interlocked.Increment(ref _lastCluster)}");

    public async ValueTask DisposeAsync()
    {
        if (Database is not null)
        {
            await Database.DisposeAsync();
        }
    }
}
