namespace Direct.Stress.Reports;

/// <summary>Represents the result of a run, as <c>--json</c> prints it. Times are in milliseconds unless their names say otherwise.</summary>
internal sealed record StressReport
{
    public required string Scenario { get; init; }

    /// <summary>Gets the length of the window in which rates, latency and processor time are measured.</summary>
    public required double Seconds { get; init; }

    public required ConnectionCounts Connections { get; init; }

    public required ConnectTimes ConnectMs { get; init; }

    /// <summary>Gets the number of messages, from first to last.</summary>
    public required long Sent { get; init; }

    /// <summary>Gets the number of deliveries, from first to last.</summary>
    public required long Received { get; init; }

    /// <summary>Gets the number of lost deliveries. It is null, like the next two, in scenario chat, whose messages have no number.</summary>
    public required long? Lost { get; init; }

    public required long? Duplicated { get; init; }

    public required long? Reordered { get; init; }

    public required double MessagesPerSecond { get; init; }

    public required double DeliveriesPerSecond { get; init; }

    /// <summary>Gets the latency from sending, or from the time at which the message was due, to arrival.</summary>
    public required Latency LatencyMs { get; init; }

    /// <summary>Gets the latency of HTTP calls, from the call to its answer; null in other scenarios.</summary>
    public required Latency? AnswerMs { get; init; }

    public required IReadOnlyList<ErrorCount> Errors { get; init; }

    public required LoaderUse Loader { get; init; }

    public required ServerReport? Server { get; init; }

    public required IReadOnlyList<ThresholdResult> Thresholds { get; init; }

    /// <summary>Gets whether the run was ended by Ctrl-C or SIGTERM.</summary>
    public required bool Stopped { get; init; }

    /// <param name="Ended">The number of successful connections that the server ended although they should have stayed open.</param>
    public sealed record ConnectionCounts(long Requested, long Succeeded, long Failed, double SuccessPercent, long Ended);

    public sealed record ConnectTimes(double Average, double Min, double Max, double P95);

    public sealed record Latency(double P50, double P90, double P99, double P999, double Max);

    public sealed record ErrorCount(string Error, long Count);

    /// <param name="CpuPercent">The processor time of the busiest process, in percent of a core.</param>
    public sealed record LoaderUse(double CpuSeconds, double CpuPercent, int Processes);

    public sealed record ServerReport(
        double CpuSeconds,
        double CpuPercent,
        double? CpuUsPerDelivery,
        double? CpuUsPerConnection,
        double? CpuUsPerSignal,
        long RssKbBefore,
        long RssKbConnected,
        long RssKbEnd);

    public sealed record ThresholdResult(string Name, double Limit, double Value, bool Passed);
}
