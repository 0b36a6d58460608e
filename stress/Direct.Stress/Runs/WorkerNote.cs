namespace Direct.Stress.Runs;

/// <summary>A line from a worker that is a process of its own to the conductor: one of these.</summary>
internal sealed record WorkerNote
{
    public WorkerProgress? Progress { get; init; }

    public ConnectedNote? Connected { get; init; }

    public SentMessage? Sent { get; init; }

    public WorkerResult? Result { get; init; }

    /// <summary>Why there will be no result.</summary>
    public string? Failure { get; init; }
}
