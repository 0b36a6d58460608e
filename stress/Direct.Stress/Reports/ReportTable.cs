using System.Globalization;
using Spectre.Console;

namespace Direct.Stress.Reports;

/// <summary>Writes the report for people.</summary>
internal static class ReportTable
{
    public static void Write(IAnsiConsole console, StressReport report)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumns("", "");
        foreach (var (name, text) in ReportRows.Of(report))
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(text));
        }

        console.Write(table);
        WriteErrors(console, report);
        WriteThresholds(console, report);
        if (ReportRows.Warning(report) is { } warning)
        {
            console.MarkupLineInterpolated($"[yellow]{warning}[/]");
        }
    }

    private static void WriteErrors(IAnsiConsole console, StressReport report)
    {
        if (report.Errors.Count == 0)
        {
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumn("Errors").AddColumn(new TableColumn("Count").RightAligned());
        foreach (var (error, count) in report.Errors)
        {
            table.AddRow(Markup.Escape(error), count.ToString("N0", CultureInfo.InvariantCulture));
        }

        console.Write(table);
    }

    private static void WriteThresholds(IAnsiConsole console, StressReport report)
    {
        foreach (var missed in report.Thresholds.Where(static threshold => !threshold.Passed))
        {
            console.MarkupLineInterpolated($"[red]{Missed(missed)}[/]");
        }
    }

    public static string Missed(StressReport.ThresholdResult threshold) =>
        string.Create(CultureInfo.InvariantCulture, $"MISSED --{threshold.Name}={threshold.Limit}: it was {threshold.Value}");
}
