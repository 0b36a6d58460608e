using System.Diagnostics;
using System.Globalization;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Represents the result of a long run, as a page in Markdown.</summary>
internal sealed class LongRunReport(Tally tally, int seed)
{
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly SortedDictionary<FailureKind, Row> _rows = [];

    /// <summary>Gets the number of failures.</summary>
    public int Failures => _rows.Values.Sum(static row => row.Count);

    /// <summary>Adds a failure, with what was counted before it.</summary>
    public void Add(FailureKind kind, (long Resumes, long Replayed) before)
    {
        var row = _rows.GetValueOrDefault(kind) ?? new Row(0, 0, 0);
        _rows[kind] = new Row(row.Count + 1, row.Resumes + tally.Resumes - before.Resumes, row.Replayed + tally.Replayed - before.Replayed);
    }

    /// <summary>Returns the page.</summary>
    /// <param name="causes">Why gateways told of a <c>gap</c>.</param>
    /// <param name="missed">The number of deliveries for which a <c>gap</c> came instead.</param>
    /// <param name="outstanding">The number of deliveries that did not come after the end.</param>
    public string Render(GapCauses causes, int missed, int outstanding)
    {
        var page = new List<string>
        {
            $"{Number(tally.Accepted)} accepted signals, {Failures} failures of one process at a time, seed {seed.ToString(CultureInfo.InvariantCulture)}",
            "",
            "| | |",
            "| --- | --- |",
            $"| time | {_time.Elapsed.TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture)} min |",
            $"| signals sent, accepted | {Number(tally.Sent)}, {Number(tally.Accepted)} |",
            $"| accepted per second | {Number((long)(tally.Accepted / _time.Elapsed.TotalSeconds))} |",
            $"| messages received by {LongRunPlan.Clients} clients | {Number(tally.DeliveriesReceived)} |",
            $"| resumes, messages replayed | {Number(tally.Resumes)}, {Number(tally.Replayed)} |",
            $"| gaps that clients were told of, by cause at the gateways | {Number(tally.Gaps.Count)}, {causes} |",
            $"| messages missed in gaps, received again after gaps | {Number(missed)}, {Number(tally.AgainAfterGaps)} |",
            $"| messages received after a later one of their publisher | {Number(tally.Late)} |",
            $"| violations (twice, order) while it ran, lost at the end | {Number(tally.Violations.Count)}, {Number(outstanding)} |",
            $"| connections ended | {string.Join("; ", tally.Ends.OrderByDescending(static end => end.Value).Select(static end => $"{Number(end.Value)} × {end.Key}"))} |",
            $"| memory of the test process at the end | {Number(Environment.WorkingSet / 1_000_000)} MB |",
            "",
            "| failure | times | resumes | replayed | gaps | violations |",
            "| --- | --- | --- | --- | --- | --- |",
        };
        page.AddRange(_rows.Select(row => $"| {row.Key} | {row.Value.Count} | {Number(row.Value.Resumes)} | {Number(row.Value.Replayed)} | {Of(tally.Gaps, row.Key)} | {Of(tally.Violations, row.Key)} |"));
        return string.Join('\n', page);
    }

    private static int Of(IEnumerable<(string Failure, string What)> events, FailureKind kind) =>
        events.Count(each => each.Failure.StartsWith($"{kind} ", StringComparison.Ordinal));

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Row(int Count, long Resumes, long Replayed);
}
