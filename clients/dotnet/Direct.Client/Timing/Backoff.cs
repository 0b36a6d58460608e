namespace Direct.Client;

/// <summary>Computes waits by exponential backoff with full jitter: a random time between 0 and a limit that doubles with each failure.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    private const int MostDoublings = 30;

    /// <param name="failures">The failures before this one, from 0.</param>
    public TimeSpan Next(int failures)
    {
        var limit = first * Math.Pow(2, Math.Min(failures, MostDoublings));
        return random.NextDouble() * (limit < longest ? limit : longest);
    }
}
