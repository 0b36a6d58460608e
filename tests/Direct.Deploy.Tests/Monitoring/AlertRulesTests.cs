using System.Text.RegularExpressions;
using Direct.Testing;

namespace Direct.Deploy.Tests.Monitoring;

/// <summary>Tests that alert rules use existing metrics, and that the runbook has instructions for each.</summary>
public sealed partial class AlertRulesTests
{
    // Prometheus adds these labels itself.
    private static readonly string[] OwnLabels = ["job", "instance"];

    [Fact]
    public void Expressions_ReadOnlyMetricsThatAreDocumented()
    {
        Assert.All(AlertRules.All, rule => Assert.All(
            MetricNames.ReadBy(rule.Expression),
            name => Assert.True(MetricNames.Documented.ContainsKey(name), $"{rule.Alert} reads {name}, which is in no table of metrics")));
        Assert.All(AlertRules.All, rule => Assert.True(MetricNames.ReadBy(rule.Expression).Any() || rule.Expression.Contains("up{", StringComparison.Ordinal), rule.Alert));
    }

    [Fact]
    public void Expressions_ChooseByLabelsThatTheMetricHas()
    {
        var reasons = Documents.Table("docs/protocol.md", "code", "label").Select(row => row[1]).Concat(["by_backend", "client_closed", "connection_lost"]).ToHashSet();
        Assert.All(AlertRules.All.SelectMany(rule => MetricNames.ChosenBy(rule.Expression)).Where(choice => choice.Metric != "up"), choice =>
        {
            Assert.Contains(choice.Label, MetricNames.Documented[choice.Metric].Concat(OwnLabels));
            if (choice is { Metric: "direct_gateway_connections_closed_total", Label: "reason" })
            {
                Assert.All(choice.Value.Split('|'), reason => Assert.Contains(reason, reasons));
            }
        });
    }

    [Fact]
    public void Expressions_ChooseAmongJobsThatAreScraped()
    {
        var jobs = Job().Matches(Documents.Read("deploy/monitoring/prometheus.yaml")).Select(match => match.Groups[1].Value).ToHashSet();
        var chosen = AlertRules.All.SelectMany(rule => MetricNames.ChosenBy(rule.Expression)).Where(choice => choice.Label == "job").Select(choice => choice.Value).ToArray();

        Assert.NotEmpty(chosen);
        Assert.All(chosen, job => Assert.Contains(job, jobs));
    }

    [Fact]
    public void Runbook_HasASectionForEachAlertAndForNoOther()
    {
        var sections = Section().Matches(Documents.Read("docs/operate/runbook.md")).Select(match => match.Groups[1].Value);

        Assert.Equal(AlertRules.All.Select(rule => rule.Alert), sections);
    }

    [Fact]
    public void Runbook_NamesOnlyMetricsThatAreDocumentedOrTheRuntimes()
    {
        Assert.All(
            MetricNames.ReadBy(Documents.Read("docs/operate/runbook.md")).Where(name => name.StartsWith("direct_", StringComparison.Ordinal)),
            name => Assert.True(MetricNames.Documented.ContainsKey(name), name));
    }

    [GeneratedRegex("^  - job_name: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Job();

    [GeneratedRegex("^#### (Direct[A-Za-z]+)$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
