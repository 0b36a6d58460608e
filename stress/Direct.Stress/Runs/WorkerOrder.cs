using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>A line from the conductor to a worker that is a process of its own. The first has the options and the place.</summary>
internal sealed record WorkerOrder
{
    public StressOptions? Options { get; init; }

    public WorkerAssignment? Assignment { get; init; }

    public StartOrder? Start { get; init; }

    public DrainOrder? Drain { get; init; }

    public bool Stop { get; init; }
}
