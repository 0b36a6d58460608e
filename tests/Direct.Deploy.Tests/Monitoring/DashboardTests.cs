using System.Text.Json;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Monitoring;

/// <summary>Tests that the dashboard uses existing metrics, and that every panel has a description.</summary>
public sealed class DashboardTests
{
    private static readonly JsonElement Dashboard = JsonDocument.Parse(Documents.Read("deploy/monitoring/dashboard.json")).RootElement;

    private static readonly JsonElement[] Panels = [.. Dashboard.GetProperty("panels").EnumerateArray()];

    private static readonly JsonElement[] Graphs = [.. Panels.Where(panel => panel.GetProperty("type").GetString() is not "row")];

    private static IEnumerable<string> Expressions =>
        Graphs.SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!);

    [Fact]
    public void Expressions_OfOurMetrics_ReadOnlyThoseThatAreDocumented()
    {
        var read = Expressions.SelectMany(MetricNames.ReadBy).Where(name => name.StartsWith("direct_", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(read);
        Assert.All(read, name => Assert.True(MetricNames.Documented.ContainsKey(name), $"{name} is in no table of metrics"));
    }

    [Fact]
    public async Task Expressions_OfTheRuntime_ReadOnlyWhatANodeShows()
    {
        await using var node = await NodeProcess.StartAsync();
        var page = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        var shown = page.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToHashSet();

        var read = Expressions.SelectMany(MetricNames.ReadBy).Where(name => name.StartsWith("dotnet_", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(read);
        Assert.All(read, name => Assert.Contains(name, shown));
    }
}
