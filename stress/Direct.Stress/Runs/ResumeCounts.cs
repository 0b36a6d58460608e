using Direct.Stress.Measuring;

namespace Direct.Stress.Runs;

/// <summary>Represents what the clients of direct.2 of one process have seen besides messages, and what they lack. Those of several can be added.</summary>
/// <param name="MissedInGaps">The messages that did not arrive, but for which a gap was announced.</param>
/// <param name="Unaccepted">The messages that no server has accepted.</param>
internal sealed record ResumeCounts(
    long Resumes,
    long Replayed,
    long Gaps,
    long Lost,
    long MissedInGaps,
    long Unaccepted,
    HistogramCounts JoinTimes,
    HistogramCounts ResumeTimes)
{
    public static ResumeCounts Of(ResumeTally tally, IEnumerable<SentNumbers> sent) => new(
        tally.Resumes,
        tally.Replayed,
        tally.Gaps,
        tally.Missing.Lost,
        tally.Missing.InGaps,
        sent.SelectMany(static sender => sender.UnacceptedRanges().Ranges).Sum(static range => (long)range.Last - range.First + 1),
        tally.JoinTimes.ToCounts(),
        tally.ResumeTimes.ToCounts());
}
