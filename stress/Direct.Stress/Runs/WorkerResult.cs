using Direct.Stress.Measuring;
using Direct.Stress.Scenarios;

namespace Direct.Stress.Runs;

/// <summary>Represents the counts of one process. Those of several processes can be added.</summary>
internal sealed record WorkerResult
{
    /// <summary>Gets the number of connections that were begun.</summary>
    public long Requested { get; init; }

    public long Succeeded { get; init; }

    public long Failed { get; init; }

    /// <summary>Gets the number of connections that succeeded and were ended by the server.</summary>
    public long Ended { get; init; }

    public required HistogramCounts ConnectTimes { get; init; }

    public required HistogramCounts Latency { get; init; }

    public required HistogramCounts AnswerTimes { get; init; }

    /// <summary>Gets the length of the window in seconds.</summary>
    public double Seconds { get; init; }

    public double CpuSeconds { get; init; }

    public long Sent { get; init; }

    public long SentInWindow { get; init; }

    public long Received { get; init; }

    public long ReceivedInWindow { get; init; }

    public long Duplicated { get; init; }

    public long Reordered { get; init; }

    /// <summary>Gets the number of messages in these rooms that are not of this run.</summary>
    public long Foreign { get; init; }

    public required IReadOnlyDictionary<int, long> SentByRoom { get; init; }

    /// <summary>Gets the number of connections that were joined when sending began, by room.</summary>
    public required IReadOnlyDictionary<int, long> Members { get; init; }

    public required IReadOnlyDictionary<string, long> Errors { get; init; }

    /// <summary>Gets what only clients of direct.2 see; null in the original dialect.</summary>
    public ResumeCounts? Resumes { get; init; }

    public static WorkerResult Of(WorkerLoop loop, WorkerWindow window, IReadOnlyDictionary<int, long> members)
    {
        var (population, scenario, tally) = (loop.Population, loop.Scenario, loop.Run.Tally);
        var churn = scenario as ConnectScenario;
        var succeeded = churn?.Succeeded ?? population!.Succeeded;
        var failed = churn?.Failed ?? population!.Failed;
        return new WorkerResult
        {
            Requested = population?.Requested ?? succeeded + failed,
            Succeeded = succeeded,
            Failed = failed,
            Ended = population?.Ended ?? 0,
            ConnectTimes = loop.Run.ConnectTimes.ToCounts(),
            Latency = tally.Latency.ToCounts(),
            AnswerTimes = ((scenario as SignalScenario)?.AnswerTimes ?? new Histogram()).ToCounts(),
            Seconds = window.Seconds,
            CpuSeconds = window.CpuSeconds,
            Sent = scenario.Sent,
            SentInWindow = scenario.SentInWindow,
            Received = tally.Received,
            ReceivedInWindow = tally.ReceivedInWindow,
            Duplicated = tally.Duplicated,
            Reordered = tally.Reordered,
            Foreign = tally.Foreign,
            SentByRoom = scenario.SentByRoom,
            Members = members,
            Errors = loop.Run.Errors.Counts,
            Resumes = loop.Run.Options.IsDirect2 ? ResumeCounts.Of(loop.Run.Resumes, scenario.SentNumbers) : null,
        };
    }
}
