namespace Direct.Stress.Runs;

/// <summary>Represents the window of measurement, and the processor time of this process in it.</summary>
/// <param name="Start">The start in ticks.</param>
/// <param name="CpuAtStart">The processor seconds of this process up to then.</param>
internal sealed record WorkerWindow(long Start, double CpuAtStart)
{
    public double Seconds { get; init; }

    public double CpuSeconds { get; init; }
}
