using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Represents what clients that come back have seen during one failure.</summary>
/// <param name="Name">The failure.</param>
/// <param name="Allowed">In which topics a <c>gap</c> is allowed.</param>
internal sealed record ResumeRow(string Name, AllowedGaps Allowed, ResumeCounts Before, ResumeCounts After, IReadOnlyList<string> Wrong, double Settled)
{
    /// <summary>Gets each <c>gap</c>.</summary>
    public IReadOnlyList<(string Part, string What)> Gaps { get; } = [.. After.Gaps.Except(Before.Gaps)];

    public int Resumes => After.Resumes - Before.Resumes;

    public int Replayed => After.Replayed - Before.Replayed;

    public override string ToString() => FormattableString.Invariant(
        $"| {Name} | {(Allowed is AllowedGaps.None ? "no" : "yes")} | {After.Accepted - Before.Accepted} | {After.Received - Before.Received} | {Resumes} | {Replayed} | {Gaps.Count} | {Wrong.Count} | {Settled:0.0} |");

    /// <summary>Returns what must not be.</summary>
    public IEnumerable<string> Faults()
    {
        if (Wrong.Count > 0)
        {
            yield return $"{Name}: {Wrong.Count} violations\n{string.Join('\n', Wrong.Take(10))}";
        }

        if (Allowed is AllowedGaps.None && Gaps.Count > 0)
        {
            yield return $"{Name}: {Gaps.Count} gaps\n{string.Join('\n', Gaps.Take(20).Select(static gap => gap.What))}";
        }

        if (After.Accepted - Before.Accepted != After.Sent - Before.Sent)
        {
            yield return $"{Name}: {After.Sent - Before.Sent - (After.Accepted - Before.Accepted)} signals were never accepted";
        }

        if (Resumes == 0 || Replayed == 0)
        {
            yield return $"{Name}: {Resumes} resumes, {Replayed} messages replayed";
        }
    }
}

/// <summary>Represents what all clients and publishers have counted up to a moment.</summary>
internal sealed record ResumeCounts(int Sent, int Accepted, int Received, int Resumes, int Replayed, IReadOnlyList<(string Part, string What)> Gaps)
{
    public static ResumeCounts Of(IReadOnlyList<ResumeRecord> records, IReadOnlyList<SignalRecord> signals) => new(
        signals.Count,
        signals.Count(static signal => signal.Accepted is not null),
        records.Sum(static record => record.Events.Count(static each => !each.IsGap)),
        records.Sum(static record => record.Resumes),
        records.Sum(static record => record.Events.Count(static each => each.IsReplay)),
        [.. records.SelectMany(static record => record.Events.Where(static each => each.IsGap).Select(each => (each.Part, $"user {record.User}: {each}")))]);
}
