using Direct.Edge.Keeping;
using Direct.Edge.Protocol;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Timing;

namespace Direct.Edge.Connections;

/// <summary>Replays to a connection what it has missed of one topic that it is joining.</summary>
internal sealed class TopicReplay
{
    private readonly Connection _connection;
    private readonly KeptTopic? _kept;
    private Stamp? _since; // what the client has named, until it is decided
    private Stamp? _through; // the place up to which the client has everything; null if there is nothing to replay
    private string _source = "own"; // of what decides the position, as metrics name it
    private string? _gap; // the cause, if the client must be told that messages may be missing

    /// <param name="connection">The connection.</param>
    /// <param name="topic">The topic, which the connection holds.</param>
    /// <param name="since">The last position that the client has named; null if it named none.</param>
    /// <param name="gap">Why the position cannot be used, as metrics name it; null if it can.</param>
    public TopicReplay(Connection connection, Topic topic, Stamp? since, string? gap)
    {
        (_connection, Topic, _kept) = (connection, topic, connection.Dependencies.Kept.Find(topic));
        if (since is not null)
        {
            if (gap is null && _kept is not null)
            {
                _since = since;
                TryDecide();
            }
            else
            {
                _gap = CauseOfGap(gap);
            }
        }
    }

    public Topic Topic { get; }

    /// <summary>Takes the lock of the topic.</summary>
    public void Enter() => _kept?.Gate.Enter();

    /// <summary>Releases the lock of the topic, if this thread has taken it.</summary>
    public void Exit()
    {
        if (_kept is { Gate.IsHeldByCurrentThread: true })
        {
            _kept.Gate.Exit();
        }
    }

    /// <summary>
    /// Waits until it is decided whether the position of the client can be used, which may depend on what this node is missing of the log. After a limit the
    /// connection ends: this node may have lost the cluster, and another one may have what the client names.
    /// </summary>
    public async Task DecideAsync()
    {
        var (wheel, subscriptions) = (_connection.Dependencies.Wheel, _connection.Dependencies.Subscriptions);
        var endsAtMs = wheel.CurrentMs + (long)subscriptions.Timeout.TotalMilliseconds;
        while (_since is { } position && !TryDecide() && _connection.CloseReason is null)
        {
            _source = "silo";
            var pull = _kept!.PullAsync(position);
            var left = TimeSpan.FromMilliseconds(Math.Max(0, endsAtMs - wheel.CurrentMs));
            await _connection.UntilClosing(pull.TryWaitAsync(left, subscriptions.TimeProvider).AsTask());
            if (!pull.IsCompleted)
            {
                _connection.BeginClose(CloseReason.SubscribeTimeout);
            }
            else if (await pull)
            {
                TryDecide(isAnswered: true);
            }
        }
    }

    /// <summary>Sends the next page, if the client reads. Returns whether the connection now has everything up to the head, or has a gap.</summary>
    public bool TryAdvance()
    {
        if (_since is not null)
        {
            return false;
        }

        if (_through is not { } through)
        {
            return true;
        }

        using var page = _kept!.Read(through, _connection);
        if (page.IsEvicted)
        {
            (_through, _gap) = (null, "evicted");
            return true;
        }

        if (page.Length > 0)
        {
            if (!_connection.IsHalfEmpty)
            {
                return false;
            }

            _connection.Send(page.Frames);
        }

        _through = page.Through;
        return page.IsLast;
    }

    /// <summary>Tells the client where the topic stands. Called under the lock of the topic, before the connection becomes a member.</summary>
    /// <returns>Where the topic stands.</returns>
    public Stamp Tell()
    {
        Span<byte> buffer = stackalloc byte[Reply.MaxBytes];
        var head = _kept?.Head ?? Stamp.None;
        var metrics = _connection.Dependencies.Kept.Metrics;
        if (_gap is not null)
        {
            metrics.Gap(_gap);
            _connection.Send(new Reply(buffer).Gap(Topic, head));
        }
        else if (_through is not null)
        {
            metrics.Resumed(_source);
        }

        _connection.Send(new Reply(buffer).At(Topic, head));
        return head;
    }

    // Returns whether it is decided if the position can be used.
    private bool TryDecide(bool isAnswered = false)
    {
        if (_since is { } position && _kept!.Check(position) is var status && (status is not PositionStatus.Undecided || isAnswered))
        {
            _since = null;
            _through = status is PositionStatus.Covered ? position : null;
            _gap = _through is null ? CauseOfGap(status is PositionStatus.Undecided ? "behind" : null) : null;
        }

        return _since is null;
    }

    private string CauseOfGap(string? cause) => KeptTopics.IsAnonymous(Topic) ? "anonymous" : _kept is null ? "unkept" : cause ?? "unknown";
}
