using System.Diagnostics;

namespace Direct.Crash.Tests.Histories;

/// <summary>Provides the one clock of a history: microseconds, monotonic.</summary>
internal static class Clock
{
    /// <summary>Later than everything: what has not happened.</summary>
    public const long Never = long.MaxValue;

    public const long Second = 1_000_000;

    public static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / Second);

    /// <summary>From one time to another, in seconds.</summary>
    public static double Seconds(long from, long to) => (to - from) / (double)Second;
}
