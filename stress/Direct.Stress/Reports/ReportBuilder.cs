using System.Diagnostics;
using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Runs;

namespace Direct.Stress.Reports;

/// <summary>Builds the report of a run: it converts ticks to milliseconds and totals to rates, and evaluates the thresholds.</summary>
internal static class ReportBuilder
{
    public static StressReport Build(StressOptions options, RunResult run)
    {
        var totals = run.Totals;
        var isNumbered = options.Scenario is not ScenarioName.Chat;
        var report = new StressReport
        {
            Scenario = options.Scenario.ToString().ToLowerInvariant(),
            Seconds = Round(totals.Seconds),
            Connections = new(
                totals.Requested, totals.Succeeded, totals.Failed, Round(Share(totals.Succeeded, totals.Requested) * 100), totals.Ended),
            ConnectMs = ConnectTimes(totals.ConnectTimes),
            Sent = totals.Sent,
            Received = totals.Received,
            Lost = totals.Lost,
            Duplicated = isNumbered ? totals.Duplicated : null,
            Reordered = isNumbered ? totals.Reordered : null,
            Direct2 = totals.Resumes is { } resumes ? Resumes(resumes) : null,
            MessagesPerSecond = Round(Share(totals.SentInWindow, totals.Seconds)),
            DeliveriesPerSecond = Round(Share(totals.ReceivedInWindow, totals.Seconds)),
            LatencyMs = LatencyOf(totals.Latency),
            AnswerMs = options.Scenario is ScenarioName.Signal ? LatencyOf(totals.AnswerTimes) : null,
            Errors =
            [
                .. totals.Errors
                    .OrderByDescending(static error => error.Value)
                    .Select(static error => new StressReport.ErrorCount(error.Key, error.Value)),
            ],
            Loader = new(Round(totals.CpuSeconds), Round(totals.BusiestPercent), options.Processes),
            Server = run.Server is null ? null : Server(run.Server, totals),
            Thresholds = [],
            Stopped = run.WasStopped,
        };
        return report with { Thresholds = [.. ThresholdEvaluator.Evaluate(options.Thresholds, report)] };
    }

    private static StressReport.ResumeReport Resumes(ResumeTotals totals) => new(
        totals.Resumes,
        totals.Replayed,
        totals.Gaps,
        totals.MissedInGaps,
        totals.Unaccepted,
        LatencyOf(totals.JoinTimes),
        LatencyOf(totals.ResumeTimes));

    private static StressReport.ServerReport Server(ServerUse use, Totals totals)
    {
        var seconds = use.InWindow.TotalSeconds;
        return new StressReport.ServerReport(
            Round(seconds),
            Round(Share(seconds, totals.Seconds) * 100),
            MicrosecondsEach(seconds, totals.ReceivedInWindow),
            MicrosecondsEach(use.Connecting.TotalSeconds, totals.Succeeded),
            MicrosecondsEach(seconds, totals.AnswerTimes.Count),
            use.KilobytesBefore,
            use.KilobytesConnected,
            use.KilobytesEnd);
    }

    private static double? MicrosecondsEach(double seconds, long count) => count == 0 ? null : Math.Round(seconds * 1e6 / count, 4);

    private static StressReport.ConnectTimes ConnectTimes(Histogram times) =>
        new(
            Milliseconds(times.Average),
            Milliseconds(times.Count == 0 ? 0 : times.Min),
            Milliseconds(times.Max),
            Milliseconds(times.Percentile(0.95)));

    private static StressReport.Latency LatencyOf(Histogram times) => new(
        Milliseconds(times.Percentile(0.5)),
        Milliseconds(times.Percentile(0.9)),
        Milliseconds(times.Percentile(0.99)),
        Milliseconds(times.Percentile(0.999)),
        Milliseconds(times.Max));

    private static double Milliseconds(double ticks) => Math.Round(ticks * 1000 / Stopwatch.Frequency, 4);

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;

    private static double Round(double value) => Math.Round(value, 3);
}
