using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Direct.Compare.Scenarios;
using Direct.Compare.Servers;

namespace Direct.Compare.Results;

/// <summary>Writes the result of a comparison: a page, a chart, and all reports of the load tool.</summary>
internal static class ResultFiles
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Returns the three paths.</summary>
    public static (string Page, string Picture, string Raw) Write(Comparison comparison, Checkout checkout)
    {
        var folder = comparison.Options.Output ?? checkout.Results;
        var rawFolder = comparison.Options.Output ?? checkout.Artifacts;
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(rawFolder);
        var page = Path.Combine(folder, comparison.FileName + ".md");
        var picture = Path.Combine(folder, comparison.FileName + ".svg");
        var raw = Path.Combine(rawFolder, comparison.FileName + ".json");
        File.WriteAllText(page, MarkdownReport.Write(comparison));
        var figures = new Evaluator(comparison.Options).Figures(comparison.Measurements);
        File.WriteAllText(picture, RatioChart.Draw(figures, FormattableString.Invariant(
            $"Direct compared with the floor, {comparison.StartedAt:yyyy-MM-dd}, {comparison.Revision.Commit}")));
        File.WriteAllText(raw, Raw(comparison));
        return (page, picture, raw);
    }

    private static string Name(Metric metric) => JsonNamingPolicy.CamelCase.ConvertName(metric.ToString());

    private static string Raw(Comparison comparison) => JsonSerializer.Serialize(
        new
        {
            comparison.CommandLine,
            comparison.StartedAt,
            comparison.Machine,
            comparison.Revision,
            Servers = comparison.Servers.Select(server => new { server.Name, server.Command }),
            comparison.Notes,
            Measurements = comparison.Measurements.Select(measurement => new
            {
                measurement.Scenario,
                measurement.Server,
                measurement.Round,
                measurement.Failure,
                Values = measurement.Values.ToDictionary(value => Name(value.Key), value => value.Value),
                Runs = measurement.Runs.Select(run => new { run.OtherCores, Report = JsonNode.Parse(run.Json) }),
            }),
        },
        Indented) + "\n";
}
