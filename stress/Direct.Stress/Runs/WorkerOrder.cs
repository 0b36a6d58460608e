using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>Represents a line from the coordinator to a worker process. The first line contains the options and the assignment.</summary>
internal sealed record WorkerOrder
{
    public StressOptions? Options { get; init; }

    public WorkerAssignment? Assignment { get; init; }

    public StartOrder? Start { get; init; }

    public DrainOrder? Drain { get; init; }

    public bool Stop { get; init; }
}
