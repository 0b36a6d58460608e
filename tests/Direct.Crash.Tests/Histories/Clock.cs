using System.Diagnostics;

namespace Direct.Crash.Tests.Histories;

/// <summary>Provides the monotonic clock of a history, in microseconds.</summary>
internal static class Clock
{
    /// <summary>Represents the time of an event that has not happened. It is later than every other time.</summary>
    public const long Never = long.MaxValue;

    public const long Second = 1_000_000;

    public static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / Second);

    /// <summary>Returns the time between two events in seconds.</summary>
    public static double Seconds(long from, long to) => (to - from) / (double)Second;
}
