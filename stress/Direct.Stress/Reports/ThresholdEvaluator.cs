using Direct.Stress.Options;

namespace Direct.Stress.Reports;

/// <summary>Compares a report with the thresholds of the run.</summary>
internal static class ThresholdEvaluator
{
    public static IEnumerable<StressReport.ThresholdResult> Evaluate(ThresholdOptions thresholds, StressReport report)
    {
        StressReport.ThresholdResult?[] all =
        [
            AtMost("max-failed", thresholds.MaxFailed, report.Connections.Failed + report.Connections.Ended),
            AtMost("max-lost", thresholds.MaxLost, report.Lost ?? 0),
            AtMost("max-duplicated", thresholds.MaxDuplicated, report.Duplicated ?? 0),
            AtMost("max-reordered", thresholds.MaxReordered, report.Reordered ?? 0),
            AtMost("max-p99", thresholds.MaxP99Ms, report.LatencyMs.P99),
            AtMost("max-connect-p95", thresholds.MaxConnectP95Ms, report.ConnectMs.P95),
            thresholds.MinRate is { } least
                ? new("min-rate", least, report.DeliveriesPerSecond, report.DeliveriesPerSecond >= least)
                : null,
        ];
        return all.OfType<StressReport.ThresholdResult>();
    }

    private static StressReport.ThresholdResult? AtMost(string name, double? limit, double value) =>
        limit is { } most ? new StressReport.ThresholdResult(name, most, value, value <= most) : null;
}
