using System.Globalization;
using System.Net;
using Direct.Silo.Tests.Silos;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Membership;

/// <summary>
/// Tests silos whose wall clocks differ or are set while they run. Regression test: Orleans numbers the runs of a silo by the wall clock, and treats
/// a run as dead when its number is lower than that of an earlier run, or older than an hour. Such a silo ended itself with a dump.
/// </summary>
public sealed class WallClockTests(SharedDatabase server)
{
    private const string Active = "SELECT SiloName FROM OrleansMembershipTable WHERE Status = 3 ORDER BY SiloName";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(1)]
    [InlineData(-24 * 365)]
    public async Task Silo_WhoseClockIsOffAtItsStart_IsAMemberLikeTheOther(int hours)
    {
        var database = await server.NewWithSchemaAsync();
        using var clock = await ProcessWallClock.CreateAsync(TimeSpan.FromHours(hours));
        await using var right = await StartAsync(database, "right");
        await using var wrong = await StartAsync(database, "wrong", environment: clock.Environment);
        await using var gateway = await StartGatewayAsync(database);

        await AssertServesAsync(gateway, rooms: 0);

        var apart = await database.ReadAsync("SELECT MAX(Generation) - MIN(Generation) FROM OrleansMembershipTable");
        Assert.InRange(int.Parse(Assert.Single(apart), CultureInfo.InvariantCulture), 0, 300);
        AssertAreWell(right, wrong, gateway);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task Silo_WhoseClockIsSetWhileItRuns_ServesOnAndNoticesTheDeathOfTheOther(int hours)
    {
        var database = await server.NewWithSchemaAsync();
        using var clock = await ProcessWallClock.CreateAsync();
        await using var other = await StartAsync(database, "other");
        await using var silo = await StartAsync(database, "silo", environment: clock.Environment);
        await using var gateway = await StartGatewayAsync(database);
        await AssertServesAsync(gateway, rooms: 0);

        clock.Offset = TimeSpan.FromHours(hours);
        await AssertServesAsync(gateway, rooms: 100);
        other.Kill();

        await WaitForMembersAsync(database, "silo");
        await AssertServesAsync(gateway, rooms: 200);
        AssertAreWell(silo, gateway);
    }

    [Fact]
    public async Task Silo_ThatWasAhead_StartsAgainAtItsAddressWhenItsClockIsRight()
    {
        var database = await server.NewWithSchemaAsync();
        var ports = TestSilo.Ports();
        using var clock = await ProcessWallClock.CreateAsync(TimeSpan.FromHours(1));
        await using var other = await StartAsync(database, "other");
        await using (var ahead = await StartAsync(database, "silo", ports, clock.Environment))
        {
            ahead.Kill();
        }

        await WaitForMembersAsync(database, "other");
        clock.Offset = TimeSpan.Zero;
        await using var again = await StartAsync(database, "silo", ports, clock.Environment);
        await using var gateway = await StartGatewayAsync(database);

        await WaitForMembersAsync(database, "other", "silo");
        await AssertServesAsync(gateway, rooms: 0);
        AssertAreWell(again, gateway);
    }

    // A silo is treated as dead when its last time in the table is old. These silos would have been treated as alive for an hour.
    [Fact]
    public async Task Silo_WhoseClockIsBehindThatOfSilosThatAllDied_JoinsWithoutThem()
    {
        var database = await server.NewWithSchemaAsync();
        using var clock = await ProcessWallClock.CreateAsync(TimeSpan.FromHours(1));
        await using (var ahead = await StartAsync(database, "ahead", environment: clock.Environment))
        {
            ahead.Kill();
        }

        await database.ExecuteAsync("UPDATE OrleansMembershipTable SET IAmAliveTime = TIMESTAMPADD(HOUR, 1, UTC_TIMESTAMP(3))");
        await using var silo = await StartAsync(database, "silo");

        await WaitForMembersAsync(database, "silo");
    }

    // The gateway stores the wall time of a failed connection, and the next attempt is due a second later.
    [Fact]
    public async Task Gateway_WhoseClockIsSetBackWhileItsOnlySiloIsAway_ConnectsToItAgain()
    {
        var database = await server.NewWithSchemaAsync();
        var ports = TestSilo.Ports();
        using var clock = await ProcessWallClock.CreateAsync();
        await using var silo = await StartAsync(database, "silo", ports);
        await using var gateway = await StartGatewayAsync(database, clock.Environment);
        silo.Kill();
        await WaitForStatusAsync(gateway, HttpStatusCode.ServiceUnavailable);

        clock.Offset = TimeSpan.FromHours(-1);
        await using var again = await StartAsync(database, "silo", ports);

        await WaitForStatusAsync(gateway, HttpStatusCode.OK);
        await AssertServesAsync(gateway, rooms: 0);
    }

    private static async Task<NodeProcess> StartAsync(
        TestDatabase database, string name, string[]? ports = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var silo = TestSilo.Launch(
            environment ?? new Dictionary<string, string>(),
            [
                .. ports ?? TestSilo.Ports(), "Direct:Silo:Address=127.0.0.1", $"Direct:Silo:Name={name}", "Direct:Registry:ColdStartDelay=00:00:00",
                .. database.Arguments,
            ]);
        try
        {
            await silo.WaitForOutputAsync(TestSilo.Ready, timeout: Patience);
            return silo;
        }
        catch
        {
            await silo.DisposeAsync();
            throw;
        }
    }

    private static Task<NodeProcess> StartGatewayAsync(TestDatabase database, IReadOnlyDictionary<string, string>? environment = null) => NodeProcess.StartAsync(
        new NodeOptions { Arguments = database.Arguments, Environment = environment ?? new Dictionary<string, string>() });

    // Uses so many rooms that each silo hosts some of them.
    private static async Task AssertServesAsync(NodeProcess gateway, int rooms)
    {
        await using var client = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
        for (var room = rooms + 1; room <= rooms + 20; room++)
        {
            await client.JoinAsync(room, room);
            var receipt = await gateway.SignalAsync($"{room},{room},0", "hello");
            Assert.Equal((HttpStatusCode.OK, 1), (receipt.Status, receipt.Delivered));
            Assert.Equal("hello", await client.ReceiveTextAsync());
        }
    }

    private static Task WaitForMembersAsync(TestDatabase database, params string[] expected) => Deadline.UntilAsync(
        $"the active members are {string.Join(", ", expected)}", async () => (await database.ReadAsync(Active)).SequenceEqual(expected), Patience);

    private static Task WaitForStatusAsync(NodeProcess gateway, HttpStatusCode expected) => Deadline.UntilAsync(
        $"/readyz of {gateway.Pid} answers {expected}",
        async () =>
        {
            using var answer = await gateway.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.StatusCode == expected;
        },
        Patience);

    // Orleans logs a warning for silos whose times in the membership table are old.
    private static void AssertAreWell(params NodeProcess[] nodes)
    {
        foreach (var node in nodes)
        {
            Assert.False(node.HasExited, string.Join('\n', node.Output));
            LogLines.AssertNone(node.Output, line => line.Contains("IAmAliveTime", StringComparison.Ordinal) || line.Contains("I should be Dead", StringComparison.Ordinal));
        }
    }
}
