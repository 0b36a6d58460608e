using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;
using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Schema;

/// <summary>Tests that a silo that cannot use its database reports the error and its fix in one line.</summary>
public sealed class CheckTests(SharedDatabase server)
{
    private const string Command = "dotnet Direct.Silo.dll cluster=mysql schema=apply";

    [Fact]
    public async Task Start_WithoutTables_NamesTheCommandThatMakesThem()
    {
        var database = await server.NewAsync();

        await AssertRefusesAsync(database.Arguments, "has no tables", Command, database.Name);
    }

    [Fact]
    public async Task Start_WithATableDropped_NamesTheCommandThatMakesIt()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("DROP TABLE OrleansMembershipTable");

        await AssertRefusesAsync(database.Arguments, "has no tables", Command, database.Name);
    }

    [Theory]
    [InlineData("0", Command)]
    [InlineData("2", "run the newer release")]
    public async Task Start_OnAnotherVersion_NamesBothAndWhatToDo(string version, string remedy)
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync($"UPDATE OrleansQuery SET QueryText = '{version}' WHERE QueryKey = 'DirectSchemaVersion'");

        await AssertRefusesAsync(database.Arguments, $"version {version} of the membership schema", remedy);
    }

    [Fact]
    public async Task Start_OnTablesOfSomethingElse_SaysSo()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("DELETE FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion'");

        await AssertRefusesAsync(database.Arguments, "that Direct did not make", "a database of its own");
    }

    [Fact]
    public async Task Start_WithNoDatabaseThere_NamesServerAndPort()
    {
        var port = FreePort.Take();

        await AssertRefusesAsync(
            ["cluster=mysql", $"Direct:Cluster:ConnectionString=Server=127.0.0.1;Port={port};User ID=a;Password=b;Database=c"],
            $"No database answers at 127.0.0.1:{port}");
    }

    [Fact]
    public async Task Start_WithAWrongPassword_NamesTheUserAndNotThePassword()
    {
        var database = await server.NewAsync();
        var wrong = database.ConnectionString.Replace(MariaDb.Password, "opensesame", StringComparison.Ordinal);

        var output = await AssertRefusesAsync(["cluster=mysql", $"Direct:Cluster:ConnectionString={wrong}"], "refuses user 'direct'", "Password");

        Assert.DoesNotContain("opensesame", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnADatabaseThatDoesNotExist_NamesIt()
    {
        var database = await server.NewAsync();
        var other = database.ConnectionString.Replace(database.Name, "nowhere", StringComparison.Ordinal);

        await AssertRefusesAsync(["cluster=mysql", $"Direct:Cluster:ConnectionString={other}"], "no database 'nowhere'", "CREATE DATABASE nowhere");
    }

    [Fact]
    public async Task Start_WithoutTheRightToRead_NamesTheUser()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync($"""
            CREATE USER 'poor'@'127.0.0.1' IDENTIFIED BY 'poor';
            GRANT INSERT ON {database.Name}.* TO 'poor'@'127.0.0.1';
            """);
        var poor = database.ConnectionString.Replace("User ID=direct", "User ID=poor", StringComparison.Ordinal)
            .Replace(MariaDb.Password, "poor", StringComparison.Ordinal);

        await AssertRefusesAsync(["cluster=mysql", $"Direct:Cluster:ConnectionString={poor}"], "'poor'", "SELECT, INSERT, UPDATE and DELETE");
    }

    // The earlier release has the same tables, with statements that depend on the defaults of the server.
    [Fact]
    public async Task Start_OnTheStatementsOfAnOlderRelease_NamesTheCommandThatUpdatesThem()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync("UPDATE OrleansQuery SET QueryText = SUBSTRING(QueryText, LOCATE('1;', QueryText) + 2) WHERE QueryKey = 'GatewaysQueryKey'");
        Assert.StartsWith("SELECT Address", (await database.ReadAsync("SELECT TRIM(LEADING '\n' FROM QueryText) FROM OrleansQuery WHERE QueryKey = 'GatewaysQueryKey'"))[0], StringComparison.Ordinal);

        await AssertRefusesAsync(database.Arguments, "has the membership statements of an older release", Command);
    }

    [Theory]
    [InlineData("DirectLeases")]
    [InlineData("DirectSilos")]
    public async Task Start_WithoutATableOfTheLeases_NamesTheCommandThatMakesIt(string table)
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync($"DROP TABLE {table}");

        await AssertRefusesAsync(database.Arguments, "has the membership tables of an older release", Command);
    }

    // Orleans' own statement, which reads ours, cannot reset the setting first. With one row fewer Orleans would end with a stack trace.
    [Fact]
    public async Task Start_OnAServerThatAnswersWithFewRows_NamesTheVariableAndTheLeast()
    {
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await using var few = await MariaDb.StartAsync([], ["sql_select_limit = 9"]);
        string[] arguments = ["cluster=mysql", $"Direct:Cluster:ConnectionString={few.ConnectionString()}"];
        Assert.Equal(0, (await TestSilo.RunAsync([.. arguments, "schema=apply"])).ExitCode);

        await AssertRefusesAsync(arguments, "Database 'direct'", "sql_select_limit = 9", "100 or more");

        await using var gateway = TestGateway.Launch(arguments);
        Assert.Equal(1, await gateway.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("sql_select_limit = 9; it must be 100 or more", gateway.Output[^1], StringComparison.Ordinal);
    }

    private static async Task<string> AssertRefusesAsync(string[] arguments, params string[] named)
    {
        var (exitCode, output) = await TestSilo.RunAsync([.. TestSilo.Ports(), "Direct:Silo:Address=127.0.0.1", .. arguments]);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {output}");
        Assert.All(named, text => Assert.Contains(text, output, StringComparison.Ordinal));
        Assert.Single(output.Split('\n'));
        return output;
    }
}
