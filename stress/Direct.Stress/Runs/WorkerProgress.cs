namespace Direct.Stress.Runs;

/// <summary>Represents the progress of a worker.</summary>
internal sealed record WorkerProgress(string Phase, long Succeeded, long Failed, long Ready, long Sent, long Received, long Errors)
{
    public static WorkerProgress None { get; } = new("starting", 0, 0, 0, 0, 0, 0);
}
