using Direct.Edge.Topics;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a connection as the topics see it, which remembers every send.</summary>
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

    /// <summary>Gets what it answers.</summary>
    public EnqueueResult Answer { get; init; } = EnqueueResult.Queued;

    /// <summary>Runs on the sending thread before anything is kept; may hold it.</summary>
    public Action? OnSend { get; init; }

    /// <summary>Gets one array for each send.</summary>
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

    /// <summary>Gets how many topics still have to send it what was said before it left them.</summary>
    public int PendingFlushes => Volatile.Read(ref _pendingFlushes);

    /// <summary>Gets how many messages have come.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets all messages, in order.</summary>
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
