using System.Text.Json.Serialization;

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

    /// <summary>Gets what clients of direct.2 have seen besides messages; absent in the original dialect.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ResumeReport? Direct2 { get; init; }

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

    /// <param name="Resumes">The number of times that a client came back and was in all of its rooms again.</param>
    /// <param name="Replayed">The number of messages that they had missed and received then.</param>
    /// <param name="Gaps">The number of <c>gap</c> frames, each of one topic.</param>
    /// <param name="MissedInGaps">The number of deliveries that are missing because of them.</param>
    /// <param name="Unaccepted">The number of messages that were sent, but not accepted.</param>
    /// <param name="JoinedMs">The time from the first packet to the last <c>joined</c> of clients that connect for the first time.</param>
    /// <param name="ResumedMs">The same of clients that come back.</param>
    public sealed record ResumeReport(
        long Resumes, long Replayed, long Gaps, long MissedInGaps, long Unaccepted, Latency JoinedMs, Latency ResumedMs);

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
