using Direct.Stress.Measuring;

namespace Direct.Stress.Runs;

/// <summary>Adds the <see cref="ResumeCounts"/> of all workers.</summary>
internal sealed record ResumeTotals(
    long Resumes,
    long Replayed,
    long Gaps,
    long MissedInGaps,
    long Unaccepted,
    Histogram JoinTimes,
    Histogram ResumeTimes)
{
    public static ResumeTotals Of(IReadOnlyCollection<ResumeCounts> parts) => new(
        parts.Sum(static part => part.Resumes),
        parts.Sum(static part => part.Replayed),
        parts.Sum(static part => part.Gaps),
        parts.Sum(static part => part.MissedInGaps),
        parts.Sum(static part => part.Unaccepted),
        Totals.Merge(parts.Select(static part => part.JoinTimes)),
        Totals.Merge(parts.Select(static part => part.ResumeTimes)));
}
