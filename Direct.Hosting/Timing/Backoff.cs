namespace Direct.Timing;

/// <summary>Calculates increasing delays between tries.</summary>
internal static class Backoff
{
    /// <summary>Returns the delay that follows <paramref name="delay"/>: twice as long, and never over <paramref name="longest"/>.</summary>
    public static TimeSpan Next(TimeSpan delay, TimeSpan longest) => delay * 2 < longest ? delay * 2 : longest;
}
