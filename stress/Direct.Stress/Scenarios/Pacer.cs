using System.Diagnostics;

namespace Direct.Stress.Scenarios;

/// <summary>When each message of a steady rate is due. Nothing that happens moves it: what is late is late.</summary>
internal sealed class Pacer(double rate, long start)
{
    public long DueOf(long message) => start + (long)(message * (double)Stopwatch.Frequency / rate);
}
