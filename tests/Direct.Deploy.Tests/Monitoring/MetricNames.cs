using System.Text.RegularExpressions;
using Direct.Testing;

namespace Direct.Deploy.Tests.Monitoring;

/// <summary>Provides the Prometheus names of the documented metrics, each with its labels.</summary>
internal static partial class MetricNames
{
    public static IReadOnlyDictionary<string, string[]> Documented { get; } = Documents
        .Table("docs/reference/metrics.md", "instrument", "at /metrics", "kind", "unit", "where", "tags")
        .SelectMany(row => Of(row[1], row[2]).Select(name => (name, Labels: TagsOf(row[5]))))
        .ToDictionary(metric => metric.name, metric => metric.Labels);

    /// <summary>Returns the metrics of Direct and of the runtime that a Prometheus expression reads.</summary>
    public static IEnumerable<string> ReadBy(string expression) => Name().Matches(expression).Select(match => match.Value).Distinct();

    /// <summary>Returns the label selectors of an expression: metric, label and value.</summary>
    public static IEnumerable<(string Metric, string Label, string Value)> ChosenBy(string expression) =>
        from selector in Selector().Matches(expression)
        from choice in Choice().Matches(selector.Groups["choices"].Value)
        select (selector.Groups["metric"].Value, choice.Groups["label"].Value, choice.Groups["value"].Value);

    private static IEnumerable<string> Of(string name, string kind) =>
        kind is "histogram" ? [name + "_bucket", name + "_sum", name + "_count"] : [name];

    private static string[] TagsOf(string cell) => [.. Tag().Matches(cell).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"\b(direct|dotnet)_[a-z0-9_]+\b")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<metric>[a-z_]+)\{(?<choices>[^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex("(?<label>[a-z_]+)(=~|!~|!=|=)\"(?<value>[^\"]*)\"")]
    private static partial Regex Choice();

    [GeneratedRegex(@"(?:^|; )([a-z_]+):")]
    private static partial Regex Tag();
}
