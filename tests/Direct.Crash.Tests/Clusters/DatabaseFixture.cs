using Direct.Crash.Tests.Clusters;
using Direct.Testing.Databases;

[assembly: AssemblyFixture(typeof(DatabaseFixture))]

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents one throw-away MariaDB for all scenarios, with the schema in it; each scenario has a cluster id of its own.</summary>
public sealed class DatabaseFixture : IAsyncLifetime
{
    private int _lastCluster;

    /// <summary>Null where there is no MariaDB on this machine.</summary>
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
