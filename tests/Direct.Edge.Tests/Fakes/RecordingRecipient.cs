using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a recipient of topics that records every send.</summary>
internal sealed class RecordingRecipient(long userId = 0, long groupId = 0, long channelId = 0) : IRecipient
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _sends = [];
    private int _count;
    private int _pendingFlushes;

    public long UserId { get; set; } = userId;

    public long GroupId { get; set; } = groupId;

    public long ChannelId { get; set; } = channelId;

    public bool SpeaksDirect2 { get; init; }

    public bool IsReceiving { get; init; } = true;

    /// <summary>Gets the result of each send.</summary>
    public EnqueueResult Answer { get; init; } = EnqueueResult.Queued;

    /// <summary>Gets a callback that runs on the sending thread before a send is recorded; it may block that thread.</summary>
    public Action? OnSend { get; init; }

    /// <summary>Gets the recorded sends, each as one array.</summary>
    public byte[][] Sends
    {
        get
        {
            lock (_gate)
            {
                return [.. _sends];
            }
        }
    }

    /// <summary>Gets the number of topics that still have to send the messages from before the recipient left them.</summary>
    public int PendingFlushes => Volatile.Read(ref _pendingFlushes);

    /// <summary>Gets the number of received messages.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets the texts of all messages in order.</summary>
    public string[] Texts => [.. Sends.SelectMany(send => ServerBytes.Texts(send))];

    public EnqueueResult Send(ReadOnlySpan<byte> frames)
    {
        OnSend?.Invoke();
        lock (_gate)
        {
            _sends.Add(frames.ToArray());
            _count += ServerBytes.Frames(frames).Count;
        }

        return Answer;
    }

    public void AddPendingFlush() => Interlocked.Increment(ref _pendingFlushes);

    public void ReleasePendingFlush() => Interlocked.Decrement(ref _pendingFlushes);
}
