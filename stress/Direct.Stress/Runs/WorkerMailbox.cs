namespace Direct.Stress.Runs;

/// <summary>
/// What a worker and its conductor tell each other: between threads as it is, between processes carried by lines of JSON.
/// </summary>
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

    /// <summary>To end early, with what there is.</summary>
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

    /// <summary>Whoever waits for a note hears why it does not come.</summary>
    public void Fail(Exception exception)
    {
        Connected.TrySetException(exception);
        Sent.TrySetException(exception);
        Result.TrySetException(exception);
    }
}
