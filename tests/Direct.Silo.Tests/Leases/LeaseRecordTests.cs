using Direct.Silo.Tests.Silos;

namespace Direct.Silo.Tests.Leases;

/// <summary>Tests the statements of the lease record by their effect on the tables.</summary>
public class LeaseRecordTests(SharedDatabase server)
{
    private const string Silos = "SELECT COUNT(*) FROM DirectSilos WHERE DeploymentId = 'direct'";

    /// <summary>
    /// Tests the upgrade of a cluster of 0.1.0, whose table has the row of a silo without a record. After the gateways of the new version have left,
    /// no lease of such a silo can remain.
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

        // The rows of the older silo, of the present one, and of one that may be joining.
        Assert.Equal(["3"], await database.ReadAsync(Silos));
        Assert.Equal(["1"], await database.ReadAsync("SELECT COUNT(*) FROM DirectSilos WHERE DeploymentId = 'another'"));

        // This delay is longer than any start that does not wait for it.
        var longer = TimeSpan.FromMinutes(4);
        await using var again = new StartedCluster(database, longer);
        Assert.InRange(await again.StartAndStopAsync(), TimeSpan.Zero, longer / 2);
        Assert.Equal(["4"], await database.ReadAsync(Silos));
    }

    /// <summary>Tests a gateway that leaves after its registry's silo was declared dead. Another registry may have granted leases meanwhile.</summary>
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
