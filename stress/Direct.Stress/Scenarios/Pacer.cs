using System.Diagnostics;

namespace Direct.Stress.Scenarios;

/// <summary>Calculates when each message of a steady rate is due. A delay does not change the later times.</summary>
internal sealed class Pacer(double rate, long start)
{
    public long DueOf(long message) => start + (long)(message * (double)Stopwatch.Frequency / rate);
}
