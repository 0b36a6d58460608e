using Direct.Edge.Backplane;
using Direct.Edge.Topics;

namespace Direct.Fuzz.Fakes;

/// <summary>Implements a backplane that delivers nothing and records what is published.</summary>
internal sealed class RecordingBackplane : IBackplane
{
    private TaskCompletionSource? _space;

    /// <summary>Gets or sets the receiver of published signals.</summary>
    public List<string> Events { get; set; } = [];

    /// <summary>Gets or sets whether publishers wait for space until <see cref="Release"/>.</summary>
    public bool IsFull { get; set; }

    public string Name => "";

    public bool NeedsSubscriptions => false;

    public ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken) => default;

    public ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken) => default;

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken)
    {
        _space = IsFull ? new TaskCompletionSource() : null;
        return _space is null ? default : new ValueTask(_space.Task);
    }

    public PublishResult Publish(in Signal signal)
    {
        Events.Add($"publish {signal.Topic} to {signal.Target}: {Convert.ToHexString(signal.Payload.Span)}");
        return new PublishResult(new Receipt(ReceiptStatus.Delivered, 0, 0));
    }

    public ValueTask<ClusterAnswer> QueryAsync(ClusterQuery query, CancellationToken cancellationToken) => new(ClusterAnswer.NotReady);

    /// <summary>Gives the waiting publisher space.</summary>
    public void Release() => _space!.SetResult();
}
