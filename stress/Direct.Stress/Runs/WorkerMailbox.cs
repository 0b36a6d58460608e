namespace Direct.Stress.Runs;

/// <summary>Exchanges messages between a worker and its coordinator: directly between threads, and as lines of JSON between processes.</summary>
internal sealed class WorkerMailbox
{
    private volatile StartOrder? _start;
    private volatile DrainOrder? _drain;
    private volatile bool _stop;
    private volatile WorkerProgress _progress = WorkerProgress.None;

    public TaskCompletionSource<ConnectedNote> Connected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<SentMessage> Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<WorkerResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StartOrder? Start
    {
        get => _start;
        set => _start = value;
    }

    public DrainOrder? Drain
    {
        get => _drain;
        set => _drain = value;
    }

    /// <summary>Asks the worker to end early.</summary>
    public bool Stop
    {
        get => _stop;
        set => _stop = value;
    }

    public WorkerProgress Progress
    {
        get => _progress;
        set => _progress = value;
    }

    /// <summary>Fails every wait for a note with the reason.</summary>
    public void Fail(Exception exception)
    {
        Connected.TrySetException(exception);
        Sent.TrySetException(exception);
        Result.TrySetException(exception);
    }
}
