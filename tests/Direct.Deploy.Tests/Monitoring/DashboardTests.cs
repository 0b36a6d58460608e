using System.Text.Json;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Monitoring;

/// <summary>The dashboard shows what exists, and every panel says what it shows.</summary>
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

    [Fact]
    public void Panels_Each_AreOnTheirOwnAndSayWhatTheyShow()
    {
        Assert.Distinct(Panels.Select(panel => panel.GetProperty("id").GetInt32()));
        Assert.All(Graphs, panel =>
        {
            Assert.NotEmpty(panel.GetProperty("description").GetString()!);
            Assert.Equal("${datasource}", panel.GetProperty("datasource").GetProperty("uid").GetString());
        });
        var places = Panels.Select(panel => panel.GetProperty("gridPos")).Select(place => (
            X: place.GetProperty("x").GetInt32(), Y: place.GetProperty("y").GetInt32(), W: place.GetProperty("w").GetInt32(), H: place.GetProperty("h").GetInt32())).ToArray();
        Assert.All(places, place => Assert.InRange(place.X + place.W, 1, 24));
        Assert.DoesNotContain(
            places.SelectMany((one, number) => places.Skip(number + 1).Select(other => (one, other))),
            pair => pair.one.X < pair.other.X + pair.other.W && pair.other.X < pair.one.X + pair.one.W
                && pair.one.Y < pair.other.Y + pair.other.H && pair.other.Y < pair.one.Y + pair.one.H);
    }

    [Fact]
    public void Variables_UsedInExpressions_AreThere()
    {
        var variables = Dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString());

        Assert.Equal(["datasource", "instance"], variables);
        Assert.Contains(Expressions, expression => expression.Contains("$instance", StringComparison.Ordinal));
    }
}
