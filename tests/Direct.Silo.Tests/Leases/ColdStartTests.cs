using System.Diagnostics;
using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;

namespace Direct.Silo.Tests.Leases;

/// <summary>Tests the start of a whole cluster: it waits for earlier leases to expire, unless the database records that there are none.</summary>
public sealed class ColdStartTests(SharedDatabase server)
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(12);

    /// <summary>Regression test: every start waited for the length of a lease, also the first one and one after a graceful stop.</summary>
    [Fact]
    public async Task Start_FirstAndAfterACleanStop_WaitsForNoLease()
    {
        var delay = TimeSpan.FromMinutes(4); // longer than any start on a busy machine
        await using var cluster = new StartedCluster(await server.NewWithSchemaAsync(), delay);
        for (var i = 0; i < 2; i++)
        {
            var watch = Stopwatch.StartNew();
            var silos = await Task.WhenAll(cluster.StartSiloAsync(), cluster.StartSiloAsync());
            var gateways = await Task.WhenAll(cluster.StartGatewayAsync(), cluster.StartGatewayAsync());
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, delay / 2);
            Assert.Equal("set", await cluster.RecordAsync());

            await StartedCluster.StopAsync(gateways);
            await StartedCluster.StopAsync(silos);
            Assert.Equal("clear", await cluster.RecordAsync());
        }
    }

    /// <summary>Tests a start after a gateway was killed. It may only be cut off and still have connections.</summary>
    [Fact]
    public async Task Start_AfterAGatewayWasKilled_WaitsOutTheDelay()
    {
        await using var cluster = new StartedCluster(await server.NewWithSchemaAsync(), Delay);
        var silo = await cluster.StartSiloAsync();
        var (killed, stopped) = (await cluster.StartGatewayAsync(), await cluster.StartGatewayAsync());
        killed.Kill();
        await StartedCluster.StopAsync(stopped, silo);

        var elapsed = await cluster.StartAndStopAsync();

        Assert.InRange(elapsed, Delay, TimeSpan.MaxValue);
    }

    /// <summary>Tests a start without a record. Gateways of 0.1.0 may have run without creating one.</summary>
    [Fact]
    public async Task Start_WithoutARecord_WaitsOutTheDelay()
    {
        var database = await server.NewWithSchemaAsync();
        await using var cluster = new StartedCluster(database, Delay);
        await cluster.StartAndStopAsync();
        await database.ExecuteAsync("DELETE FROM DirectLeases");

        var elapsed = await cluster.StartAndStopAsync();

        Assert.InRange(elapsed, Delay, TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Start_WithTheDocumentedRightsOnly_KeepsTheRecord()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync($"""
            CREATE USER 'silo'@'127.0.0.1' IDENTIFIED BY '{MariaDb.Password}';
            GRANT SELECT, INSERT, UPDATE, DELETE ON {database.Name}.* TO 'silo'@'127.0.0.1';
            CREATE USER 'gateway'@'127.0.0.1' IDENTIFIED BY '{MariaDb.Password}';
            GRANT SELECT ON {database.Name}.OrleansMembershipTable TO 'gateway'@'127.0.0.1';
            GRANT SELECT ON {database.Name}.OrleansMembershipVersionTable TO 'gateway'@'127.0.0.1';
            GRANT SELECT ON {database.Name}.OrleansQuery TO 'gateway'@'127.0.0.1';
            """);
        await using var silos = new StartedCluster(As(database, "silo"), Delay);
        await using var gateways = new StartedCluster(As(database, "gateway"), Delay);

        await silos.StartSiloAsync();
        var gateway = await gateways.StartGatewayAsync();

        Assert.Equal("set", await silos.RecordAsync());
        await StartedCluster.StopAsync(gateway);
        Assert.Equal("clear", await silos.RecordAsync());
    }

    private static TestDatabase As(TestDatabase database, string user) => database with
    {
        ConnectionString = database.ConnectionString.Replace("User ID=direct", $"User ID={user}", StringComparison.Ordinal),
    };
}
