using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>Represents the log with which a new activation continues a topic.</summary>
/// <param name="Best">The gateway whose log it is.</param>
/// <param name="Table">The epoch table. Its last epoch is that of the new activation, and all others have ended at the head or before.</param>
/// <param name="Lowest">The lowest head of all gateways: they lack messages only above it.</param>
/// <param name="Headers">The messages that may be repeated, in ascending order.</param>
internal sealed record LogChoice(ReportedLog Best, EpochTable Table, long Lowest, IReadOnlyList<KeptHeader> Headers)
{
    /// <summary>Gets the offset of the last message.</summary>
    public long Head => Best.Report.Head;

    /// <summary>
    /// Chooses from what the gateways have: the log whose last epoch was installed under the highest ballot, and of several the longest. It is the log of
    /// the last activation that led, as far as anybody has it. Nothing changes.
    /// </summary>
    /// <param name="reports">The reports of different gateways about one topic; at least one.</param>
    /// <param name="epoch">The id of the epoch of the new activation.</param>
    /// <param name="timeProvider">The clock of this silo.</param>
    public static LogChoice Choose(IReadOnlyList<ReportedLog> reports, long epoch, TimeProvider timeProvider)
    {
        var best = reports[0];
        foreach (var report in reports)
        {
            best = IsBetter(report, best) ? report : best;
        }

        var table = best.Report.Marks.ToTable(timeProvider);
        return new LogChoice(
            best,
            table.CloseAt(best.Report.Head, timeProvider.GetTimestamp()).Open(epoch),
            reports.Min(static report => report.Report.Head),
            HeadersOf(reports, best, table, timeProvider));
    }

    // Of two equal logs the one that goes further back. The id makes the choice independent of the order of the answers.
    private static bool IsBetter(ReportedLog one, ReportedLog other)
    {
        var ballots = Comparer<Ballot>.Default.Compare(one.Report.InstalledUnder, other.Report.InstalledUnder);
        return ballots != 0 ? ballots > 0
            : one.Report.Head != other.Report.Head ? one.Report.Head > other.Report.Head
            : one.Report.First != other.Report.First ? one.Report.First < other.Report.First
            : one.Gateway.Id.CompareTo(other.Gateway.Id) > 0;
    }

    // A gateway that has begun to keep the topic lately may not know the ids of earlier messages. Others know them, up to where their logs are the same.
    private static List<KeptHeader> HeadersOf(IReadOnlyList<ReportedLog> reports, ReportedLog best, EpochTable table, TimeProvider timeProvider)
    {
        var headers = best.Report.Headers.AsEnumerable();
        foreach (var (_, report) in reports.Where(report => report != best))
        {
            var common = table.CommonWith(report.Marks.ToTable(timeProvider));
            headers = headers.Concat(report.Headers.Where(header => header.Offset <= Math.Min(common, best.Report.Head)));
        }

        return [.. headers.DistinctBy(static header => (header.Offset, header.Origin)).OrderBy(static header => header.Offset)];
    }
}
