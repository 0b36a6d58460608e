using Direct.Silo.Tests.Silos;
using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Schema;

public class ApplyTests(SharedDatabase server)
{
    private const string Tables = "SELECT table_name, engine, table_collation FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1";
    private const string Others = """
        SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE()
        UNION ALL SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()
        UNION ALL SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()
        """;

    // The database has another character set, so the tables must set theirs.
    private static readonly string[] Expected =
    [
        "DirectLeases InnoDB utf8mb4_bin",
        "DirectSilos InnoDB utf8mb4_bin",
        "OrleansMembershipTable InnoDB utf8mb4_bin",
        "OrleansMembershipVersionTable InnoDB utf8mb4_bin",
        "OrleansQuery InnoDB utf8mb4_bin",
    ];

    [Fact]
    public async Task Apply_ToAnEmptyDatabase_MakesTheTablesAndNothingElse()
    {
        var database = await server.NewAsync();

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);

        Assert.True(exitCode == 0, output);
        Assert.Contains("version 1", output, StringComparison.Ordinal);
        Assert.Equal(Expected, await database.ReadAsync(Tables));
        Assert.Empty(await database.ReadAsync(Others));
        Assert.Equal(["1"], await database.ReadAsync("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion'"));
    }

    [Fact]
    public async Task Apply_ASecondTime_KeepsTheMembersAndCorrectsTheStatements()
    {
        var database = await server.NewWithSchemaAsync();
        var statements = await database.ReadAsync("SELECT * FROM OrleansQuery ORDER BY QueryKey");
        await database.ExecuteAsync(
            "INSERT INTO OrleansMembershipVersionTable VALUES ('kept', 7, NOW()); INSERT INTO DirectLeases VALUES ('kept', 'token'); DELETE FROM OrleansQuery WHERE QueryKey = 'GatewaysQueryKey'");

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(statements, await database.ReadAsync("SELECT * FROM OrleansQuery ORDER BY QueryKey"));
        Assert.Equal(["kept token"], await database.ReadAsync("SELECT * FROM DirectLeases"));
        Assert.Equal(["kept 7"], await database.ReadAsync("SELECT DeploymentId, Version FROM OrleansMembershipVersionTable"));
    }

    [Fact]
    public async Task Apply_ByFourProcessesAtOnce_SucceedsInAll()
    {
        var database = await server.NewAsync();
        var processes = Enumerable.Range(0, 4).Select(_ => TestSilo.Launch([.. database.Arguments, "schema=apply"])).ToList();

        try
        {
            foreach (var process in processes)
            {
                var exitCode = await process.WaitForExitAsync(TimeSpan.FromSeconds(60));
                Assert.True(exitCode == 0, string.Join('\n', process.Output));
            }
        }
        finally
        {
            await Task.WhenAll(processes.Select(process => process.DisposeAsync().AsTask()));
        }

        Assert.Equal(Expected, await database.ReadAsync(Tables));
        Assert.Equal(["10"], await database.ReadAsync("SELECT COUNT(*) FROM OrleansQuery"));
    }

    [Fact]
    public async Task Apply_AfterOneThatGotHalfWay_Completes()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("DELETE FROM OrleansQuery; DROP TABLE OrleansMembershipTable");

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(Expected, await database.ReadAsync(Tables));
    }

    [Fact]
    public async Task Apply_OverAnOlderVersion_UpdatesIt()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("UPDATE OrleansQuery SET QueryText = '0' WHERE QueryKey = 'DirectSchemaVersion'");

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(["1"], await database.ReadAsync("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion'"));
    }

    // These are the tables of 0.1.0. An existing cluster may have a lease, so it gets no record.
    [Fact]
    public async Task Apply_OverTheTablesOfAnOlderRelease_AddsThoseOfTheLeases()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("DROP TABLE DirectLeases; DROP TABLE DirectSilos; INSERT INTO OrleansMembershipVersionTable VALUES ('old', 7, NOW())");

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(Expected, await database.ReadAsync(Tables));
        Assert.Empty(await database.ReadAsync("SELECT * FROM DirectLeases"));
    }

    [Theory]
    [InlineData("UPDATE OrleansQuery SET QueryText = '99' WHERE QueryKey = 'DirectSchemaVersion'", "99")]
    [InlineData("DELETE FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion'", "that Direct did not make")]
    public async Task Apply_OverWhatIsNotItsOwn_RefusesAndChangesNothing(string change, string named)
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync(change);
        var before = await database.ReadAsync("SELECT * FROM OrleansQuery ORDER BY QueryKey");

        var (exitCode, output) = await TestSilo.RunAsync([.. database.Arguments, "schema=apply"]);

        Assert.Equal(1, exitCode);
        Assert.Contains(named, output, StringComparison.Ordinal);
        Assert.Equal(before, await database.ReadAsync("SELECT * FROM OrleansQuery ORDER BY QueryKey"));
    }

    [Fact]
    public async Task Apply_ToADatabaseThatDoesNotAnswer_ExitsWithASentence()
    {
        var (exitCode, output) = await TestSilo.RunAsync(
            "cluster=mysql", "schema=apply", $"Direct:Cluster:ConnectionString=Server=127.0.0.1;Port={FreePort.Take()};User ID=a;Password=b;Database=c");

        Assert.Equal(1, exitCode);
        Assert.Single(output.Split('\n'));
        Assert.Contains("No database answers at 127.0.0.1", output, StringComparison.Ordinal);
    }
}
