using Direct.Edge.Topics;
using Direct.Keeping;

namespace Direct.Edge.Connections;

/// <summary>
/// Brings a connection up to date in the topics that one join adds to it. A connection has one at a time, so that no two joins replay the topic that
/// their rooms share.
/// </summary>
/// <remarks>
/// Replays run without a lock while there is much to send. The rest is sent under the locks of all these topics, and then the connection becomes a
/// member under the same locks.
/// </remarks>
internal sealed class Resumption(Connection connection)
{
    private readonly List<TopicReplay> _replays = new(3);
    private TaskCompletionSource? _ended; // created when another one waits

    /// <summary>Gets the topics of the join, in the order of their locks.</summary>
    public IReadOnlyList<TopicReplay> Replays => _replays;

    /// <summary>Returns whether a topic was added.</summary>
    public bool Has(Topic topic) => _replays.Exists(replay => replay.Topic == topic);

    /// <summary>Adds a topic that the connection holds.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="since">The last position that the client has named; null if it named none.</param>
    /// <param name="gap">Why the position cannot be used, as metrics name it; null if it can.</param>
    public void Add(Topic topic, Stamp? since, string? gap = null)
    {
        _replays.Add(new TopicReplay(connection, topic, since, gap));
        _replays.Sort(static (one, other) => one.Topic.Kind.CompareTo(other.Topic.Kind));
    }

    /// <summary>
    /// Takes the locks of all topics and sends the rest of what was missed. Returns false, and no lock is taken, if the client must read first.
    /// </summary>
    public bool TryEnter()
    {
        var hasEntered = false;
        try
        {
            _replays.ForEach(static replay => replay.Enter());
            hasEntered = _replays.TrueForAll(static replay => replay.TryAdvance());
        }
        finally
        {
            if (!hasEntered)
            {
                Exit();
            }
        }

        return hasEntered;
    }

    /// <summary>Releases the locks that this thread has taken.</summary>
    public void Exit() => _replays.ForEach(static replay => replay.Exit());

    /// <summary>Forgets the topics, because the connection is a member of them.</summary>
    public void Clear() => _replays.Clear();

    /// <summary>Sends what was missed, as fast as the client reads, until little of it remains or the connection closes.</summary>
    public async Task CatchUpAsync()
    {
        await DrainScheduler.YieldToThreadPoolAsync();
        await Task.WhenAll(_replays.Select(static replay => replay.DecideAsync()));
        foreach (var replay in _replays)
        {
            do
            {
                await connection.Rooms.WhenHalfEmptyAsync();
            }
            while (connection.CloseReason is null && !replay.TryAdvance());
        }
    }

    /// <summary>Completes when this has ended. Called under the lock of the connection's topics, as <see cref="End"/> is.</summary>
    public Task WhenEnded() => (_ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Lets the next one begin.</summary>
    public void End() => _ended?.SetResult();
}
