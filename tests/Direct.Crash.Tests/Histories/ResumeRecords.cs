namespace Direct.Crash.Tests.Histories;

/// <summary>Says what several clients of direct.2 have recorded.</summary>
internal static class ResumeRecords
{
    /// <summary>Returns why connections ended, and how often.</summary>
    public static string Ends(this IEnumerable<ResumeRecord> records) => "connections ended: " + string.Join("; ", records
        .SelectMany(static record => record.Ends)
        .GroupBy(static end => end)
        .Select(static same => $"{same.Count()} × {same.Key}"));

    /// <summary>Returns each message and each <c>gap</c> that a client received.</summary>
    public static IEnumerable<string> Lines(this IEnumerable<ResumeRecord> records) =>
        records.SelectMany(static record => record.Events.Select(each => $"user {record.User}: {each}"));
}
