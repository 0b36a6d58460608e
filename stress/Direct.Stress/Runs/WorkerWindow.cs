namespace Direct.Stress.Runs;

/// <summary>The time that is measured, and what this process used in it.</summary>
/// <param name="Start">In ticks.</param>
/// <param name="CpuAtStart">Processor seconds of this process up to then.</param>
internal sealed record WorkerWindow(long Start, double CpuAtStart)
{
    public double Seconds { get; init; }

    public double CpuSeconds { get; init; }
}
