using System.Net.Sockets;
using Direct.Silo.Tests.Silos;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Silo.Tests.Membership;

/// <summary>Tests clusters of real silos with a real database.</summary>
public class ClusterTests(SharedDatabase server)
{
    private const string Members = "SELECT SiloName, Status FROM OrleansMembershipTable ORDER BY SiloName";
    private const int Active = 3;
    private const int Dead = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task TwoSilos_OneKilled_TheOtherSeesItAndDeclaresItDead()
    {
        var database = await server.NewWithSchemaAsync();
        var starting = new[] { StartAsync(database, "one"), StartAsync(database, "two") };
        await using var one = await starting[0];
        await using var two = await starting[1];
        await WaitForAsync(database, $"one {Active}", $"two {Active}");

        one.Kill();

        await WaitForAsync(database, $"one {Dead}", $"two {Active}");
        await two.TerminateAsync();
        Assert.Equal(0, await two.WaitForExitAsync(Patience));
        await WaitForAsync(database, $"one {Dead}", $"two {Dead}");
    }

    [Fact]
    public async Task TwoSilos_OfDifferentClusterIds_ShareTheDatabaseAndNotTheCluster()
    {
        var database = await server.NewWithSchemaAsync();
        await using var upper = await StartAsync(database, "one", "Direct:Cluster:ClusterId=Blue");
        await using var lower = await StartAsync(database, "two", "Direct:Cluster:ClusterId=blue");

        var clusters = await database.ReadAsync("SELECT DeploymentId, Version FROM OrleansMembershipVersionTable ORDER BY DeploymentId");

        // A silo changes the table twice: it joins, then it is active.
        Assert.Equal(["Blue 2", "blue 2"], clusters);
    }

    [Fact]
    public async Task Silo_WithAListeningPortOfItsOwn_TellsOthersTheAdvertisedOne()
    {
        var database = await server.NewWithSchemaAsync();
        var (siloPort, gatewayPort) = (FreePort.Take(), FreePort.Take());
        await using var silo = await TestSilo.StartAsync(
        [
            .. database.Arguments,
            $"Direct:Silo:ListenSiloPort={siloPort}",
            $"Direct:Silo:ListenGatewayPort={gatewayPort}",
        ]);

        var told = await database.ReadAsync("SELECT Address, Port, ProxyPort FROM OrleansMembershipTable");

        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", gatewayPort, TestContext.Current.CancellationToken);
        Assert.Single(told);
        Assert.DoesNotContain($"{siloPort}", told[0], StringComparison.Ordinal);
        Assert.DoesNotContain($"{gatewayPort}", told[0], StringComparison.Ordinal);
    }

    // A joining silo pings every active member first, and waits for those that were just killed.
    [Fact]
    public async Task Silo_ToldToEndWhileItJoins_EndsGracefully()
    {
        var database = await server.NewWithSchemaAsync();
        await database.ExecuteAsync($"""
            INSERT INTO OrleansMembershipVersionTable VALUES ('direct', 1, UTC_TIMESTAMP());
            INSERT INTO OrleansMembershipTable VALUES ('direct', '127.0.0.1', {FreePort.Take()}, 1, 'killed', 'host', {Active}, {FreePort.Take()}, NULL, UTC_TIMESTAMP(), UTC_TIMESTAMP());
            """);
        await using var silo = TestSilo.Launch([.. TestSilo.Ports(), "Direct:Silo:Address=127.0.0.1", "Direct:Silo:Name=new", .. database.Arguments]);
        await silo.WaitForOutputAsync("Failed to get ping responses", timeout: Patience);

        await silo.TerminateAsync();

        Assert.Equal(0, await silo.WaitForExitAsync(Patience));
        LogLines.AssertNone(silo.Output, line => line.Contains("Unhandled exception", StringComparison.Ordinal) || line.Contains(TestSilo.Ready, StringComparison.Ordinal));
    }

    private static Task<NodeProcess> StartAsync(TestDatabase database, string name, params string[] arguments) =>
        TestSilo.StartAsync([.. database.Arguments, $"Direct:Silo:Name={name}", .. arguments]);

    private static async Task WaitForAsync(TestDatabase database, params string[] expected)
    {
        IReadOnlyList<string> last = [];
        await Deadline.UntilAsync(
            $"the members are {string.Join(", ", expected)}",
            async () => (last = await database.ReadAsync(Members)).SequenceEqual(expected),
            Patience,
            () => $"they are {string.Join(", ", last)}");
    }
}
