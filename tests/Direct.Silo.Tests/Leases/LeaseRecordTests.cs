using Direct.Silo.Tests.Silos;

namespace Direct.Silo.Tests.Leases;

/// <summary>The statements of the record, as the tables show them.</summary>
public class LeaseRecordTests(SharedDatabase server)
{
    private const string Silos = "SELECT COUNT(*) FROM DirectSilos WHERE DeploymentId = 'direct'";

    /// <summary>
    /// A cluster of 0.1.0 before the upgrade, with the row of a silo that keeps no record. Once the gateways of the new version have left,
    /// no lease of such a silo can be left either.
    /// </summary>
    [Fact]
    public async Task Start_AfterTheUpgrade_WaitsOnceAndThenNoMore()
    {
        var delay = TimeSpan.FromSeconds(12);
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("""
            INSERT INTO OrleansMembershipVersionTable VALUES ('direct', 1, UTC_TIMESTAMP());
            INSERT INTO OrleansMembershipTable VALUES ('direct', '127.0.0.1', 1, 1, 'old', 'host', 6, 2, NULL, UTC_TIMESTAMP(), UTC_TIMESTAMP());
            INSERT INTO DirectLeases VALUES ('another', 'kept');
            INSERT INTO DirectSilos VALUES
                ('direct', '127.0.0.1', 1, 2, UTC_TIMESTAMP() - INTERVAL 2 DAY),
                ('direct', '127.0.0.1', 1, 3, UTC_TIMESTAMP()),
                ('another', '127.0.0.1', 1, 4, UTC_TIMESTAMP() - INTERVAL 2 DAY);
            """);
        await using var cluster = new StartedCluster(database, delay);

        Assert.InRange(await cluster.StartAndStopAsync(), delay, TimeSpan.MaxValue);
        Assert.Equal(["another kept", "direct "], await database.ReadAsync("SELECT DeploymentId, Token FROM DirectLeases ORDER BY DeploymentId"));

        // Those of the older and of the present silo, and that of one which may be joining.
        Assert.Equal(["3"], await database.ReadAsync(Silos));
        Assert.Equal(["1"], await database.ReadAsync("SELECT COUNT(*) FROM DirectSilos WHERE DeploymentId = 'another'"));

        // So long that no machine needs it for a start that does not wait.
        var longer = TimeSpan.FromMinutes(2);
        await using var again = new StartedCluster(database, longer);
        Assert.InRange(await again.StartAndStopAsync(), TimeSpan.Zero, longer / 2);
        Assert.Equal(["4"], await database.ReadAsync(Silos));
    }

    /// <summary>Another registry may have granted leases by then.</summary>
    [Fact]
    public async Task Leave_SiloOfTheRegistryWasGivenUp_LeavesTheRecordSet()
    {
        var database = await server.NewWithSchemaAsync();
        await using var cluster = new StartedCluster(database, TimeSpan.FromMinutes(1));
        await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        await database.ExecuteAsync("UPDATE OrleansMembershipTable SET Status = 6");

        await StartedCluster.StopAsync(gateway);

        Assert.Equal("set", await cluster.RecordAsync());
    }
}

public sealed class LeaseRecordUnderLockingTransactions(LockingTransactionsDatabase server) : LeaseRecordTests(server);
