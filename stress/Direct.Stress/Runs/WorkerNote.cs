namespace Direct.Stress.Runs;

/// <summary>Represents a line from a worker process to the coordinator. It contains one of these.</summary>
internal sealed record WorkerNote
{
    public WorkerProgress? Progress { get; init; }

    public ConnectedNote? Connected { get; init; }

    public SentMessage? Sent { get; init; }

    public WorkerResult? Result { get; init; }

    /// <summary>Gets why there will be no result.</summary>
    public string? Failure { get; init; }
}
