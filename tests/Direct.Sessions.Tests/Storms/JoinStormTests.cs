using System.Globalization;

namespace Direct.Sessions.Tests.Storms;

/// <summary>
/// Tests ten thousand joins at once on two gateways, and their cost for the database that has the rights. <c>stress/join-storm</c> runs these tests to
/// measure joins per second; they write a row for each storm into the file that DIRECT_STORM_ROWS names.
/// </summary>
public sealed class JoinStormTests(ITestOutputHelper output)
{
    private const int Clients = 500; // of each gateway
    private const int Joins = JoinStorm.Gateways * Clients * JoinStorm.Rooms;

    // For each gateway 8 commands, the checks of members by time and by call, and the check of the database; and the test itself.
    private const int MostConnections = (JoinStorm.Gateways * (8 + 3)) + 1;

    [Fact]
    public async Task TenThousandJoins_WithRightsInADatabase_ShareAFewCommandsOnAFewConnections()
    {
        await using var storm = await JoinStorm.StartAsync(Clients, "sql");

        var (commands, connections) = await RunAsync(storm, "sql");

        Assert.InRange(commands, Joins / 100, Joins / 4);
        Assert.InRange(connections, 2, MostConnections);
    }

    [Fact]
    public async Task TenThousandJoins_OpenToEveryone_AskNothing()
    {
        await using var storm = await JoinStorm.StartAsync(Clients, "open");

        var (commands, connections) = await RunAsync(storm, "open");

        Assert.Equal(0, commands);
        Assert.InRange(connections, 1, 2); // that of the test, and one of its start that a busy database has not closed yet
    }

    // Lets the storm come, checks that every client is in its last room, and returns how many commands there were, and on how many connections.
    private async Task<(long Commands, long Connections)> RunAsync(JoinStorm storm, string mode)
    {
        var (commands, used) = (await storm.CommandsAsync(), storm.ProcessorTime());

        var elapsed = await storm.RunAsync();

        var (gateways, database) = storm.ProcessorTime();
        Assert.Equal(JoinStorm.Gateways * Clients, await storm.MembersAsync(JoinStorm.Rooms));
        var (sent, connections) = (await storm.CommandsAsync() - commands, await storm.ConnectionsAsync());
        var row = string.Create(
            CultureInfo.InvariantCulture,
            $"{mode} {Joins / elapsed.TotalSeconds:0} {Each(gateways - used.Gateways):0} {Each(database - used.Database):0} {sent} {connections}");
        output.WriteLine($"mode, joins a second, µs a join in the gateways, in the database, commands, connections: {row}");
        if (Environment.GetEnvironmentVariable("DIRECT_STORM_ROWS") is { Length: > 0 } rows)
        {
            await File.AppendAllTextAsync(rows, row + "\n");
        }

        return (sent, connections);
    }

    private static double Each(TimeSpan time) => time.TotalMicroseconds / Joins;
}
