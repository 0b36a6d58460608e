using Direct.Silo.Tests.Silos;
using Direct.Testing.Databases;

namespace Direct.Silo.Tests.Gateways;

/// <summary>Tests that a gateway that cannot use its database until an operator fixes it reports the error and its fix in one line.</summary>
public sealed class GatewayCheckTests(SharedDatabase server)
{
    private const string Command = "dotnet Direct.Silo.dll cluster=mysql schema=apply";

    [Fact]
    public async Task Start_WithoutTables_NamesTheCommandThatMakesThem()
    {
        var database = await server.NewAsync();

        await AssertRefusesAsync(database.Arguments, "has no tables", Command, database.Name);
    }

    [Theory]
    [InlineData("UPDATE OrleansQuery SET QueryText = '0' WHERE QueryKey = 'DirectSchemaVersion'", "version 0 of the membership schema", Command)]
    [InlineData("UPDATE OrleansQuery SET QueryText = '2' WHERE QueryKey = 'DirectSchemaVersion'", "version 2 of the membership schema", "run the newer release")]
    [InlineData("DELETE FROM OrleansQuery WHERE QueryKey = 'DirectSchemaVersion'", "that Direct did not make", Command)]
    public async Task Start_OnAnotherSchema_NamesItAndWhatToDo(string change, string error, string remedy)
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync(change);

        await AssertRefusesAsync(database.Arguments, error, remedy, database.Name);
    }

    [Fact]
    public async Task Start_WithoutTheRightToRead_NamesTheUserAndTheRight()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync($"""
            CREATE USER 'blind'@'127.0.0.1' IDENTIFIED BY 'blind';
            GRANT INSERT ON {database.Name}.* TO 'blind'@'127.0.0.1';
            """);
        var blind = database.ConnectionString.Replace("User ID=direct", "User ID=blind", StringComparison.Ordinal)
            .Replace(MariaDb.Password, "blind", StringComparison.Ordinal);

        await AssertRefusesAsync(["cluster=mysql", $"Direct:Cluster:ConnectionString={blind}"], "'blind'", "SELECT");
    }

    // The error is the last line: only information about this machine precedes it, and no stack trace follows.
    private static async Task<string> AssertRefusesAsync(string[] arguments, params string[] named)
    {
        await using var gateway = TestGateway.Launch(arguments);
        var exitCode = await gateway.WaitForExitAsync(TimeSpan.FromSeconds(60));
        var output = string.Join('\n', gateway.Output);
        Assert.True(exitCode == 1, $"exit code {exitCode}: {output}");
        Assert.StartsWith("Direct cannot start", gateway.Output[^1], StringComparison.Ordinal);
        Assert.All(named, text => Assert.Contains(text, gateway.Output[^1], StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        return output;
    }
}
