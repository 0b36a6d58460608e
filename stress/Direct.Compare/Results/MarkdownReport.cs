using System.Text;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Results;

/// <summary>Writes the result as a page: the figures that were reached, all measurements, and how to repeat them.</summary>
internal static class MarkdownReport
{
    public static string Write(Comparison comparison)
    {
        var evaluator = new Evaluator(comparison.Options);
        var page = new StringBuilder();
        WriteHead(page, comparison);
        WriteFigures(page, evaluator.Figures(comparison.Measurements), comparison);
        WriteMeasurements(page, evaluator, comparison);
        WriteCommands(page, comparison);
        return page.ToString();
    }

    private static void WriteHead(StringBuilder page, Comparison comparison)
    {
        var (options, machine, revision) = (comparison.Options, comparison.Machine, comparison.Revision);
        page.AppendLine(FormattableString.Invariant($"# Direct compared with the floor, {comparison.StartedAt:yyyy-MM-dd}")).AppendLine();
        var dirty = revision.ChangedFiles == 0 ? "" : $" with uncommitted changes (dirty: {revision.ChangedFiles} files)";
        page.AppendLine(
            $"Commit `{revision.Commit}`{dirty}. {machine.Processor}, {machine.Cores} cores, {machine.System}, {machine.Runtime}; "
            + $"load average at the start {machine.LoadAverage}.");
        page.AppendLine(
            $"Servers {On(options.ServerCore)}, load tool {On(options.LoaderCore)}; rounds: {options.Runs}, each of which runs every "
            + $"server once, as a new process; {Numbers.Text(options.DurationSeconds)} s counted after {Numbers.Text(options.WarmupSeconds)} s; "
            + "medians (least-most).");
        page.AppendLine().AppendLine($"    {comparison.CommandLine}").AppendLine();
        if (options.Scale != 1)
        {
            page.AppendLine($"**Scaled to {Numbers.Text(options.Scale)} of the connections and messages: the figures are not valid.**");
            page.AppendLine();
        }

        foreach (var note in comparison.Notes)
        {
            page.AppendLine(note).AppendLine();
        }

        page.AppendLine($"![ratios]({comparison.FileName}.svg)").AppendLine();

        static string On(string? cores) => cores is null ? "not pinned" : $"on core {cores}";
    }

    private static void WriteFigures(StringBuilder page, IReadOnlyList<FigureResult> figures, Comparison comparison)
    {
        page.AppendLine("## Figures").AppendLine();
        page.AppendLine("| scenario | figure | server | measured | compared with | ratio (by round) | target | further target | |");
        page.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        Scenario? last = null;
        foreach (var result in figures)
        {
            var (scenario, figure) = (result.Scenario, result.Figure);
            var comparedWith = result.Baseline is { } baseline ? $"{Numbers.Text(baseline.Median)} {BaselineName(scenario)}" : "-";
            var ratio = result.Ratio is { } known ? $"{Numbers.Text(known)}{Range(result.RoundRatios)}" : "-";
            Row(
                page,
                ReferenceEquals(scenario, last) ? "" : $"{scenario.Name}: {scenario.Title}",
                Name(figure) + (figure.IsRatio ? $" / {BaselineName(scenario)}" : ""),
                result.Server,
                WithUnit(Numbers.Text(result.Value), figure.Metric),
                comparedWith,
                ratio,
                Limit(figure, figure.Reach),
                Limit(figure, figure.Stretch),
                string.Join("; ", [Word(result.Verdict), .. result.Remarks]));
            last = scenario;
        }

        var reached = figures.Count(result => result.Verdict is Verdict.Reached or Verdict.Stretched);
        var toReach = figures.Count(result => result.Figure.Reach is not null);
        page.AppendLine().AppendLine($"{reached} of {toReach} figures reached"
            + (comparison.Options.Variants.Count > 1 ? ", counting each variant by itself." : ".")).AppendLine();

        static string Range(Statistics? ratios) =>
            ratios is { } all && all.Least != all.Most ? $" ({Numbers.Text(all.Least)}-{Numbers.Text(all.Most)})" : "";
    }

    private static void WriteMeasurements(StringBuilder page, Evaluator evaluator, Comparison comparison)
    {
        page.AppendLine("## All measurements").AppendLine();
        page.AppendLine(
            "| scenario | server | measured | deliveries/s | p50, ms | p99, ms | load tool, % | others, cores "
            + "| lost, duplicated, reordered | |");
        page.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var scenario in comparison.Options.Scenarios)
        {
            var title = scenario.Name;
            foreach (var runs in comparison.Measurements.Where(run => run.Scenario == scenario.Name).GroupBy(run => run.Server))
            {
                var good = runs.Where(run => run.Failure is null).ToArray();
                var main = scenario.Figures[0].Metric;
                var remarks = runs.Select(run => run.Failure).OfType<string>().Distinct().Select(OneLine).ToList();
                if (good.Any(evaluator.IsLoaderLimited))
                {
                    remarks.Insert(0, "loader-limited");
                }

                if (good.Any(Evaluator.HasOtherLoad))
                {
                    remarks.Insert(0, "other load");
                }

                Row(
                    page,
                    title,
                    runs.Key,
                    WithUnit(Numbers.Text(Values(main)), main),
                    Values(Metric.DeliveriesPerSecond) is { } deliveries ? Numbers.Text(deliveries.Median) : "-",
                    Numbers.Text(Values(Metric.LatencyP50)),
                    Numbers.Text(Values(Metric.LatencyP99)),
                    Numbers.Text(Statistics.Of(good.Select(run => run.LoaderPercent))?.Median ?? 0),
                    Numbers.Text(Statistics.Of(good.Select(run => run.OtherCores))?.Median ?? 0),
                    $"{good.Sum(run => run.Lost)}, {good.Sum(run => run.Duplicated)}, {good.Sum(run => run.Reordered)}",
                    string.Join("; ", remarks));
                title = "";

                Statistics? Values(Metric metric) =>
                    Statistics.Of(good.Where(run => run.Values.ContainsKey(metric)).Select(run => run.Values[metric]));
            }
        }

        page.AppendLine().AppendLine("*Others* is processor time that was used neither by the server nor by the load tool.").AppendLine();
    }

    private static void WriteCommands(StringBuilder page, Comparison comparison)
    {
        page.AppendLine("## How").AppendLine();
        foreach (var (name, command) in comparison.Servers)
        {
            page.AppendLine($"- {name}: `{command}`");
        }

        page.AppendLine().AppendLine("The load tool, `dotnet Direct.Stress.dll`, with `--url`, `--server-pid`, `--json` and:").AppendLine();
        foreach (var scenario in comparison.Options.Scenarios)
        {
            var arguments = scenario.LoaderArguments(comparison.Options.DurationSeconds, comparison.Options.WarmupSeconds);
            var again = scenario.Kind switch
            {
                ScenarioKind.Slope => FormattableString.Invariant($", then --connections={scenario.MoreConnections} on a fresh server"),
                ScenarioKind.StoppedReader => ", then again with one more member that has stopped reading",
                _ => "",
            };
            page.AppendLine($"- {scenario.Name}: `{string.Join(' ', arguments)}`{again}");
        }
    }

    private static string BaselineName(Scenario scenario) => scenario.Baseline switch
    {
        Baseline.PlainFloor => "plain floor",
        Baseline.CoalescingFloor => "coalescing floor",
        Baseline.OneNode => "one node",
        Baseline.OriginalDialect => "original",
        Baseline.Peer => "peer",
        _ => "",
    };

    private static string Name(Figure figure) => figure.Metric switch
    {
        Metric.CpuPerDelivery => "CPU per delivery",
        Metric.DeliveriesPerSecond => "deliveries/s",
        Metric.DeliveredShare => "delivered, of what was offered",
        Metric.LatencyP50 => "p50",
        Metric.LatencyP99 => "p99",
        Metric.MemoryPerConnection => "memory per connection",
        Metric.CpuPerConnection => "CPU per connection",
        Metric.CpuPerSignal => "CPU per signal",
        Metric.CpuPerMessage => "CPU per message",
        Metric.SignalsPerSecond => "signals/s",
        Metric.LatencyAfterStop => "the others' p99, after / before",
        Metric.MemoryAfterStop => "memory, after less before",
        _ => "it was cut off, share of runs",
    };

    private static string WithUnit(string text, Metric metric) =>
        text == "-" || metric.Unit().Length == 0 ? text : metric.Unit()[0] == '/' ? text + metric.Unit() : $"{text} {metric.Unit()}";

    private static string Limit(Figure figure, double? limit) => limit is not { } known ? ""
        : (figure.IsAtLeast ? "≥ " : "≤ ") + (figure.IsRatio ? Numbers.Round(known) : WithUnit(Numbers.Round(known), figure.Metric));

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.NotMeasured => "not measured",
        Verdict.Stated => "stated",
        Verdict.Missed => "**missed**",
        Verdict.Reached => "reached",
        _ => "reached, stretch too",
    };

    private static void Row(StringBuilder page, params IEnumerable<string> cells) =>
        page.AppendLine($"| {string.Join(" | ", cells.Select(cell => OneLine(cell).Replace("|", "\\|", StringComparison.Ordinal)))} |");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
