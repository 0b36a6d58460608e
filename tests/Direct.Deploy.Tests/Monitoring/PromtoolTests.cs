using System.Text.Json;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Monitoring;

/// <summary>Tests the alert rules, the expressions of the dashboard and the metrics page of a node with promtool of Prometheus.</summary>
public sealed class PromtoolTests : IDisposable
{
    // The exit code of "promtool check metrics" when it cannot parse the page. Exit code 3 means advice about names and help texts, also for the metrics of .NET itself.
    private const int CannotBeParsed = 1;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("direct-promtool");

    private static string Promtool
    {
        get
        {
            var program = InstalledProgram.Find("promtool");
            Assert.SkipWhen(program is null, "promtool is missing; get it: tests/Direct.Deploy.Tests/Monitoring/get-promtool artifacts/promtool");
            return program!;
        }
    }

    [Fact]
    public async Task Rules_OfTheAlerts_AreValid()
    {
        await using var check = Command.Start(Promtool, ["check", "rules", "deploy/monitoring/alerts.yaml"]);

        await check.EndsWellAsync();

        Assert.Contains($"{AlertRules.All.Count} rules found", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expressions_OfTheDashboard_AreValid()
    {
        using var dashboard = JsonDocument.Parse(Documents.Read("deploy/monitoring/dashboard.json"));
        var expressions = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "5m", StringComparison.Ordinal))
            .ToList();
        var rules = expressions.Select((expression, i) => $"      - {{ record: 'dashboard:{i}', expr: {JsonSerializer.Serialize(expression)} }}\n");
        await using var check = Command.Start(
            Promtool, ["check", "rules", Write("dashboard.yaml", $"groups:\n  - name: dashboard\n    rules:\n{string.Concat(rules)}")]);

        await check.EndsWellAsync();

        Assert.Contains($"{expressions.Count} rules found", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfANode_IsInTheTextFormat()
    {
        await using var node = await NodeProcess.StartAsync();
        var page = await node.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        await using var check = Command.Start("/bin/sh", ["-c", "exec \"$0\" check metrics <\"$1\"", Promtool, Write("page.txt", page)]);

        var code = await check.WaitForExitAsync();

        Assert.True(code != CannotBeParsed, check.Output);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
