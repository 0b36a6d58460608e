using System.Text.RegularExpressions;
using Direct.Silo.Tests.Silos;
using Direct.Testing;
using Direct.Testing.Processes;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Hosting;

/// <summary>
/// Tests that a healthy node logs only the lines of docs/reference/logs.md. Regression test: Orleans and Polly logged eight lines for each new topic,
/// and warnings at every start.
/// </summary>
public sealed partial class LogTests(SharedDatabase shared)
{
    private const int Rooms = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("1")]
    [InlineData("0")] // as on a machine with one processor
    public async Task Gateway_AloneWithManyRooms_WritesTheDocumentedLinesOnly(string serverGc)
    {
        await using var gateway = await NodeProcess.StartAsync(new NodeOptions { Environment = new Dictionary<string, string> { ["DOTNET_gcServer"] = serverGc } });

        await JoinAsync(gateway);
        await EndAsync(gateway);

        AssertDocumented(gateway, "gateway", "both");
    }

    [Fact]
    public async Task Cluster_WithManyRooms_WritesTheDocumentedLinesOnly()
    {
        var database = await shared.NewWithSchemaAsync();
        await using var silo = await TestSilo.StartAsync([.. database.Arguments, "Direct:Registry:ColdStartDelay=00:00:00"]);
        await using var gateway = TestGateway.Launch(database.Arguments);
        await gateway.WaitReadyAsync();

        await JoinAsync(gateway);
        await EndAsync(gateway);
        await EndAsync(silo);

        AssertDocumented(gateway, "gateway");
        AssertDocumented(silo, "silo", "both");
    }

    private static Task JoinAsync(NodeProcess gateway) => Parallel.ForAsync(0, Rooms, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (room, _) =>
    {
        await using var client = await ProtocolClient.ConnectWithTokenAsync(gateway.Port);
        await client.JoinAsync(room, 1);
    });

    private static async Task EndAsync(NodeProcess process)
    {
        await process.TerminateAsync();
        Assert.Equal(0, await process.WaitForExitAsync(Patience));
    }

    // A log entry begins with its level and category. Other text at the left margin does not belong to a log entry.
    private static void AssertDocumented(NodeProcess process, params string[] nodes)
    {
        var documented = Documents.Table("docs/reference/logs.md", "line", "level", "node", "when").Where(row => nodes.Contains(row[2])).Select(row => $"{row[1]}: {row[0]}");
        var written = process.Output.Where(line => !line.StartsWith(' ') && !LogLines.IsSlowness(line)).ToList();

        Assert.Contains(written, line => Header().IsMatch(line));
        Assert.True(written.ToHashSet().IsSubsetOf(documented), $"not in the document:\n{string.Join('\n', written.Distinct().Except(documented))}\nof all:\n{string.Join('\n', process.Output.Take(200))}");
        Assert.True(written.Count < 20, $"{written.Count} lines:\n{string.Join('\n', process.Output)}");
    }

    [GeneratedRegex(@"^[a-z]{4}: [\w.]+\[\d+\]$")]
    private static partial Regex Header();
}
