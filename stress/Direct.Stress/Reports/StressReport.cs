namespace Direct.Stress.Reports;

/// <summary>What a run came to, as <c>--json</c> prints it. Times are in milliseconds unless their names say otherwise.</summary>
internal sealed record StressReport
{
    public required string Scenario { get; init; }

    /// <summary>Gets or sets the time that rates, latency and processor time are taken of.</summary>
    public required double Seconds { get; init; }

    public required ConnectionCounts Connections { get; init; }

    public required ConnectTimes ConnectMs { get; init; }

    /// <summary>Messages, from first to last.</summary>
    public required long Sent { get; init; }

    /// <summary>Deliveries, from first to last.</summary>
    public required long Received { get; init; }

    /// <summary>Null, as the next two, in scenario chat, whose messages bear no number.</summary>
    public required long? Lost { get; init; }

    public required long? Duplicated { get; init; }

    public required long? Reordered { get; init; }

    public required double MessagesPerSecond { get; init; }

    public required double DeliveriesPerSecond { get; init; }

    /// <summary>From sending, or from when it was due, to arrival.</summary>
    public required Latency LatencyMs { get; init; }

    /// <summary>Of HTTP calls, from the call to its answer; null in other scenarios.</summary>
    public required Latency? AnswerMs { get; init; }

    public required IReadOnlyList<ErrorCount> Errors { get; init; }

    public required LoaderUse Loader { get; init; }

    public required ServerReport? Server { get; init; }

    public required IReadOnlyList<ThresholdResult> Thresholds { get; init; }

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    public required bool Stopped { get; init; }

    /// <param name="Ended">Of those that succeeded, how many the server ended while they should have stayed.</param>
    public sealed record ConnectionCounts(long Requested, long Succeeded, long Failed, double SuccessPercent, long Ended);

    public sealed record ConnectTimes(double Average, double Min, double Max, double P95);

    public sealed record Latency(double P50, double P90, double P99, double P999, double Max);

    public sealed record ErrorCount(string Error, long Count);

    /// <param name="CpuPercent">Of one core, of the process that used most.</param>
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
