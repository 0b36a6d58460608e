using System.Globalization;

namespace Direct.Stress.Reports;

/// <summary>Formats the report line by line.</summary>
internal static class ReportRows
{
    // Above this share of a core the load tool may limit the run.
    private const double BusyPercent = 90;

    public static IEnumerable<(string Name, string Text)> Of(StressReport report)
    {
        var connections = report.Connections;
        yield return ("Scenario", report.Stopped ? $"{report.Scenario}, ended early" : report.Scenario);
        yield return ("Connections requested", Whole(connections.Requested));
        yield return ("Succeeded", $"{Whole(connections.Succeeded)} ({Number(connections.SuccessPercent)} %)");
        yield return ("Failed", Whole(connections.Failed));
        if (connections.Ended > 0)
        {
            yield return ("Ended by the server", Whole(connections.Ended));
        }

        var connect = report.ConnectMs;
        yield return ("Connection time", Text(connect));
        foreach (var row in Direct2(report).Concat(Messages(report)).Concat(Use(report)))
        {
            yield return row;
        }
    }

    /// <summary>Returns a warning if the figures may not be reliable; otherwise null.</summary>
    public static string? Warning(StressReport report) => report.Loader.CpuPercent <= BusyPercent
        ? null
        : $"The loader used {Number(report.Loader.CpuPercent)} % of a core: it may be the limit, and not the server. "
            + "Use more --processes, or cores.";

    private static IEnumerable<(string Name, string Text)> Direct2(StressReport report)
    {
        if (report.Direct2 is not { } direct2)
        {
            yield break;
        }

        yield return ("Time to joined", Text(direct2.JoinedMs));
        if (direct2.Resumes > 0)
        {
            yield return ("Resumes", $"{Whole(direct2.Resumes)}, with {Whole(direct2.Replayed)} replayed messages");
            yield return ("Time to joined again", Text(direct2.ResumedMs));
        }

        yield return ("Gaps", $"{Whole(direct2.Gaps)}, with {Whole(direct2.MissedInGaps)} missing messages");
        if (direct2.Unaccepted > 0)
        {
            yield return ("Not accepted", Whole(direct2.Unaccepted));
        }
    }

    private static IEnumerable<(string Name, string Text)> Messages(StressReport report)
    {
        if (report.Scenario is "idle" or "connect")
        {
            yield break;
        }

        yield return ("Messages sent", $"{Whole(report.Sent)} ({Number(report.MessagesPerSecond)}/s)");
        yield return ("Messages received", $"{Whole(report.Received)} ({Number(report.DeliveriesPerSecond)}/s)");
        if (report.Lost is { } lost)
        {
            yield return ("Lost, duplicated, reordered", $"{Whole(lost)}, {Whole(report.Duplicated ?? 0)}, {Whole(report.Reordered ?? 0)}");
        }

        yield return ("Latency", Text(report.LatencyMs));
        if (report.AnswerMs is { } answers)
        {
            yield return ("HTTP answer", Text(answers));
        }
    }

    private static IEnumerable<(string Name, string Text)> Use(StressReport report)
    {
        if (report.Server is { } server)
        {
            string?[] each =
            [
                server.CpuUsPerDelivery is { } delivery ? $"{Number(delivery)} µs a delivery" : null,
                server.CpuUsPerSignal is { } signal ? $"{Number(signal)} µs a signal" : null,
                server.CpuUsPerConnection is { } connection ? $"{Number(connection)} µs a connection" : null,
            ];
            yield return ("Server CPU", $"{Number(server.CpuPercent)} % of a core; {string.Join(", ", each.OfType<string>())}");
            yield return (
                "Server memory",
                $"{Whole(server.RssKbBefore)} KB before, {Whole(server.RssKbConnected)} connected, {Whole(server.RssKbEnd)} at the end");
        }

        var loader = report.Loader;
        var processes = loader.Processes == 1 ? "" : $" in the busiest of {loader.Processes} processes";
        yield return ("Loader CPU", $"{Number(loader.CpuPercent)} % of a core{processes}, over {Number(report.Seconds)} s");
    }

    private static string Text(StressReport.ConnectTimes times) =>
        $"average {Ms(times.Average)}, minimum {Ms(times.Min)}, maximum {Ms(times.Max)}, P95 {Ms(times.P95)}";

    private static string Text(StressReport.Latency latency) =>
        $"P50 {Ms(latency.P50)}, P90 {Ms(latency.P90)}, P99 {Ms(latency.P99)}, P99.9 {Ms(latency.P999)}, maximum {Ms(latency.Max)}";

    private static string Ms(double value) => $"{Number(value)} ms";

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.###", CultureInfo.InvariantCulture);
}
