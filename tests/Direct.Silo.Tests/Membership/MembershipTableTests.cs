using System.Net;
using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;
using Direct.Testing.Time;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MySqlConnector;
using Orleans.Configuration;
using Orleans.Runtime.Membership;
using Orleans.Runtime.MembershipService;

namespace Direct.Silo.Tests.Membership;

/// <summary>Tests Orleans' requirements of a membership table on our statements, through the provider of Orleans.</summary>
public class MembershipTableTests(SharedDatabase server)
{
    private const string Invariant = "MySql.Data.MySqlConnector";
    private const string ClusterId = "contract";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly DateTime Now = new(2026, 3, 4, 5, 6, 7, 890, DateTimeKind.Utc);

    [Fact]
    public async Task Initialize_Twice_MakesOneVersionRow()
    {
        var database = await server.NewWithSchemaAsync();

        var table = await OpenAsync(database);
        _ = await OpenAsync(database);

        var content = await table.ReadAllAsync(Cancellation);
        Assert.Empty(content.Members);
        Assert.Equal(0, content.Version.Version);
        Assert.Equal(["contract 0"], await database.ReadAsync("SELECT DeploymentId, Version FROM OrleansMembershipVersionTable"));
    }

    // When the server does not check unique keys and foreign keys, the first rows of a table may be inserted under a lock of the whole table. Silos
    // that start at once in a new database would then deadlock.
    [Fact]
    public async Task Initialize_OfTheFirstClusterWhileOthersUseTheTable_WaitsForNobody()
    {
        var database = await server.NewWithSchemaAsync();
        await using var other = new MySqlConnection(database.ConnectionString);
        await other.OpenAsync(Cancellation);
        await using var use = new MySqlCommand(
            $"{OddDefaults.Undo} SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION; SELECT * FROM OrleansMembershipVersionTable FOR UPDATE",
            other);
        await use.ExecuteNonQueryAsync(Cancellation);

        var table = await Deadline.RunAsync("the version row is made", async token => await OpenAsync(database).WaitAsync(token));

        Assert.Equal(0, (await table.ReadAllAsync(Cancellation)).Version.Version);
    }

    [Fact]
    public async Task InsertRow_OfANewSilo_KeepsEveryColumnAndRaisesTheVersion()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var entry = Entry(1);

        Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));

        var content = await table.ReadRowAsync(entry.SiloAddress, Cancellation);
        var (read, _) = Assert.Single(content.Members);
        Assert.Equal(1, content.Version.Version);
        Assert.Equal(
            (entry.SiloAddress, entry.SiloName, entry.HostName, entry.Status, entry.ProxyPort, entry.StartTime, entry.IAmAliveTime),
            (read.SiloAddress, read.SiloName, read.HostName, read.Status, read.ProxyPort, read.StartTime, read.IAmAliveTime));
        Assert.Null(read.SuspectTimes);
    }

    [Fact]
    public async Task InsertRow_OfAKnownSiloOrAnOldVersion_ChangesNothing()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var old = (await table.ReadAllAsync(Cancellation)).Version.Next();
        Assert.True(await table.InsertRowAsync(Entry(1), old, Cancellation));

        Assert.False(await table.InsertRowAsync(Entry(2), old, Cancellation));
        Assert.False(await table.InsertRowAsync(Entry(1), (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));

        var content = await table.ReadAllAsync(Cancellation);
        Assert.Single(content.Members);
        Assert.Equal(1, content.Version.Version);
    }

    [Fact]
    public async Task UpdateRow_OfTheSeenVersion_KeepsStatusAndSuspicionsAndRaisesTheVersion()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var entry = Entry(1);
        await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);

        entry.Status = SiloStatus.Dead;
        entry.AddSuspector(Entry(2).SiloAddress, Now);
        var content = await table.ReadAllAsync(Cancellation);
        Assert.True(await table.UpdateRowAsync(entry, content.Members[0].Item2, content.Version.Next(), Cancellation));

        content = await table.ReadAllAsync(Cancellation);
        var (read, _) = Assert.Single(content.Members);
        Assert.Equal(2, content.Version.Version);
        Assert.Equal(SiloStatus.Dead, read.Status);
        Assert.Equal(entry.SuspectTimes, read.SuspectTimes);
    }

    [Fact]
    public async Task UpdateRow_OfAnOldVersionOrAnUnknownSilo_ChangesNothing()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var old = (await table.ReadAllAsync(Cancellation)).Version.Next();
        var entry = Entry(1);
        await table.InsertRowAsync(entry, old, Cancellation);

        entry.Status = SiloStatus.Dead;
        var content = await table.ReadAllAsync(Cancellation);
        var etag = content.Members[0].Item2;
        Assert.False(await table.UpdateRowAsync(entry, etag, old, Cancellation));
        Assert.False(await table.UpdateRowAsync(Entry(2), etag, content.Version.Next(), Cancellation));

        content = await table.ReadAllAsync(Cancellation);
        Assert.Equal(1, content.Version.Version);
        Assert.Equal(SiloStatus.Joining, Assert.Single(content.Members).Item1.Status);
    }

    // A race: eight silos join at once from one version. All must be inserted, and none may get a deadlock error.
    [Fact]
    public async Task InsertRow_ByManyAtOnce_LetsEachInOnceAndCountsEveryChange()
    {
        var database = await server.NewWithSchemaAsync();
        const int Silos = 8;

        await Task.WhenAll(Enumerable.Range(1, Silos).Select(async number =>
        {
            var table = await OpenAsync(database);
            while (!await table.InsertRowAsync(Entry(number), (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation))
            {
                // Another silo was first; the loop reads the table again.
            }

            var entry = Entry(number);
            entry.Status = SiloStatus.Active;
            MembershipTableData current;
            do
            {
                current = await table.ReadAllAsync(Cancellation);
            }
            while (!await table.UpdateRowAsync(entry, current.TryGet(entry.SiloAddress)!.Item2, current.Version.Next(), Cancellation));
        }));

        var content = await (await OpenAsync(database)).ReadAllAsync(Cancellation);
        Assert.Equal(Silos, content.Members.Count);
        Assert.All(content.Members, member => Assert.Equal(SiloStatus.Active, member.Item1.Status));
        Assert.Equal(2 * Silos, content.Version.Version);
    }

    [Fact]
    public async Task UpdateIAmAlive_OfASilo_ChangesItsTimeAndNotTheVersion()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var entry = Entry(1);
        await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);

        entry.IAmAliveTime = Now.AddMinutes(1);
        await table.UpdateIAmAliveAsync(entry, Cancellation);

        var content = await table.ReadRowAsync(entry.SiloAddress, Cancellation);
        Assert.Equal(1, content.Version.Version);
        Assert.Equal(Now.AddMinutes(1), Assert.Single(content.Members).Item1.IAmAliveTime);
    }

    [Fact]
    public async Task CleanupDefunctSiloEntries_OfADay_RemovesWhatIsOlderAndNotActive()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var number = 0;
        foreach (var status in Enum.GetValues<SiloStatus>())
        {
            foreach (var time in new[] { Now, Now.AddDays(-2) })
            {
                var entry = Entry(++number);
                (entry.Status, entry.IAmAliveTime) = (status, time);
                Assert.True(await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));
            }
        }

        await table.CleanupDefunctSiloEntriesAsync(Now.AddDays(-1), Cancellation);

        var left = (await table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1).ToList();
        Assert.Equal(Enum.GetValues<SiloStatus>().Length, left.Count(entry => entry.IAmAliveTime == Now));
        Assert.Equal(SiloStatus.Active, Assert.Single(left, entry => entry.IAmAliveTime != Now).Status);
    }

    [Fact]
    public async Task DeleteMembershipTableEntries_OfACluster_LeavesTheOthers()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        var other = await OpenAsync(database, "other");
        await table.InsertRowAsync(Entry(1), (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        await other.InsertRowAsync(Entry(1), (await other.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);

        await table.DeleteMembershipTableEntriesAsync(ClusterId, Cancellation);

        Assert.Equal(["other 1"], await database.ReadAsync("SELECT DeploymentId, Port FROM OrleansMembershipTable"));
        Assert.Equal(["other 1"], await database.ReadAsync("SELECT DeploymentId, Version FROM OrleansMembershipVersionTable"));
    }

    [Fact]
    public async Task GetGateways_OfACluster_AreItsActiveSilosWithAPortForGateways()
    {
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        foreach (var (number, status, port) in new[] { (1, SiloStatus.Active, 30001), (2, SiloStatus.Dead, 30002), (3, SiloStatus.Active, 0) })
        {
            var entry = Entry(number);
            (entry.Status, entry.ProxyPort) = (status, port);
            await table.InsertRowAsync(entry, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        }

        var gateways = new AdoNetGatewayListProvider(
            NullLogger<AdoNetGatewayListProvider>.Instance,
            EmptyServices(),
            Options.Create(new AdoNetClusteringClientOptions { Invariant = Invariant, ConnectionString = database.ConnectionString }),
            Options.Create(new GatewayOptions()),
            Options.Create(new ClusterOptions { ClusterId = ClusterId }));
        await gateways.InitializeGatewayListProviderAsync(Cancellation);

        Assert.Equal(30001, Assert.Single(await gateways.GetGatewaysAsync(Cancellation)).Port);
    }

    // A server may limit results to a hundred rows. A silo beyond the limit would be unknown.
    [Fact]
    public async Task ReadAll_OfManyMembers_ReadsEach()
    {
        const int Members = 300;
        var database = await server.NewWithSchemaAsync();
        var table = await OpenAsync(database);
        await database.ExecuteAsync($"""
            INSERT INTO OrleansMembershipTable
            SELECT '{ClusterId}', '127.0.0.1', seq, 1, 'silo', 'host', 3, seq, NULL, UTC_TIMESTAMP(), UTC_TIMESTAMP() FROM seq_1_to_{Members}
            """);

        Assert.Equal(Members, (await table.ReadAllAsync(Cancellation)).Members.Count);
    }

    private static async Task<IMembershipTable> OpenAsync(TestDatabase database, string clusterId = ClusterId)
    {
        var table = new AdoNetClusteringTable(
            EmptyServices(),
            Options.Create(new ClusterOptions { ClusterId = clusterId }),
            Options.Create(new AdoNetClusteringSiloOptions { Invariant = Invariant, ConnectionString = database.ConnectionString }),
            NullLogger<AdoNetClusteringTable>.Instance);
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, Cancellation);
        return table;
    }

    private static ServiceProvider EmptyServices() => new ServiceCollection().BuildServiceProvider();

    private static MembershipEntry Entry(int number) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Parse("2001:db8:1234:5678:9abc:def0:1234:5678"), number, generation: 1000 + number),
        SiloName = $"silo 'äöü' \\' {number}", // needs escaping, which differs between values of sql_mode
        HostName = $"host-{number}.example",
        Status = SiloStatus.Joining,
        ProxyPort = 30000 + number,
        StartTime = Now,
        IAmAliveTime = Now,
    };
}
