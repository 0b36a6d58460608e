using System.Diagnostics;

namespace Direct.Testing.Runs;

/// <summary>
/// Records the progress of a run: every message of it, and the steps of fixtures that take minutes. <see cref="RunWatch"/> ends a run that reports
/// nothing for its limit.
/// </summary>
public static class RunProgress
{
    private static long _reportedAt = Stopwatch.GetTimestamp();

    internal static TimeSpan SinceReport => Stopwatch.GetElapsedTime(Volatile.Read(ref _reportedAt));

    /// <summary>Reports progress.</summary>
    public static void Report() => Volatile.Write(ref _reportedAt, Stopwatch.GetTimestamp());
}
