using System.Diagnostics.CodeAnalysis;

namespace Direct.Edge.Topics;

/// <summary>
/// Sends the messages of one <see cref="TopicLog"/> to its members of one dialect, batch by batch, with one send for each member. It holds the queue
/// of these messages.
/// </summary>
/// <remarks>
/// The log starts the drainer when a message waits, and it runs until <see cref="TopicLog.TryTake"/> finds no more. It visits the members without a
/// lock. While it runs, only its thread uses its fields; while it does not, the log's gate guards them.
/// <para>
/// It checks the node's gate repeatedly. A process that resumes after its lease has ended continues in the middle of a batch; the rest of
/// that batch is then skipped and not sent.
/// </para>
/// </remarks>
internal sealed class TopicDrainer(TopicLog log, TopicLogSettings settings) : IThreadPoolWorkItem
{
    // A very large room yields to others after this many sends, which take about two milliseconds.
    private const int SendsPerSlice = 256;

    // Checking the gate reads the clock, about 25 ns; a send is a system call of a microsecond or more.
    private const int SendsPerLook = 16;

    // Guarded by the log's gate.
    private FrameBatchQueue _waiting;
    private int _memberCount;

    private MemberList _members = new();

    // The batch that is being sent, and the index of the next member.
    private FrameBatch? _current;
    private int _nextMember;

    /// <summary>Gets whether the drainer runs or is scheduled. Read under the log's gate.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Gets the bytes that wait. It is read without the gate.</summary>
    public int WaitingBytes => _waiting.Bytes;

    /// <summary>Gets the number of members, at the log's end. It is read without the gate.</summary>
    public int MemberCount => Volatile.Read(ref _memberCount);

    /// <summary>Adds a message, if there are members. Called under the log's gate.</summary>
    /// <param name="header">What comes before the payload in the frame.</param>
    /// <param name="payload">The text of the message.</param>
    /// <returns>Whether the caller must schedule the drainer.</returns>
    public bool TryAppend(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        if (_memberCount == 0)
        {
            return false;
        }

        _waiting.Add(header, payload, _memberCount, settings.Waiting);
        var isFirst = !IsRunning;
        IsRunning = true;
        return isFirst;
    }

    /// <summary>Adds a member. Called under the log's gate.</summary>
    public void Join(Membership member)
    {
        _memberCount++;
        if (IsRunning)
        {
            _waiting.Add(member, isJoin: true);
        }
        else
        {
            _members.Add(member);
        }
    }

    /// <summary>Removes a member. Called under the log's gate.</summary>
    public void Leave(Membership member)
    {
        _memberCount--;
        if (IsRunning)
        {
            member.Recipient.AddPendingFlush();
            _waiting.Add(member, isJoin: false);
        }
        else
        {
            _members.Remove(member);
        }
    }

    /// <summary>Takes the oldest batch. If there is none, the drainer no longer runs. Called under the log's gate.</summary>
    public bool TryTakeWaiting([NotNullWhen(true)] out FrameBatch? batch)
    {
        batch = _waiting.Take();
        IsRunning = batch is not null;
        return IsRunning;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var sendsLeft = SendsPerSlice;
        var isFenced = false;
        while (_current is not null || TryTake())
        {
            while (_nextMember < _members.Count)
            {
                if (sendsLeft-- == 0)
                {
                    DrainScheduler.Add(this);
                    return;
                }

                if ((sendsLeft + 1) % SendsPerLook == 0)
                {
                    isFenced = settings.Gate.IsFenced;
                }

                SendCurrentTo(_members[_nextMember++], isFenced);
            }

            settings.Metrics.Delivered(isFenced ? 0 : _current!.Deliveries);
            _current!.Release(settings.Waiting);
            _current = null;

            // On a thread that reads sockets, messages that have arrived meanwhile are sent together with those that wait. Elsewhere another slice
            // would only cost time.
            if (DrainScheduler.IsLoopThread && WaitingBytes > 0)
            {
                DrainScheduler.Add(this);
                return;
            }
        }
    }

    // Makes the next batch current. If there is none, the log may have started this drainer again by now on another thread, so that no field may be
    // touched any more.
    private bool TryTake()
    {
        if (!log.TryTake(this, out var batch))
        {
            return false;
        }

        ApplyChanges(batch);
        _current = batch;
        _nextMember = 0;
        return true;
    }

    private void ApplyChanges(FrameBatch batch)
    {
        foreach (var change in batch.Changes)
        {
            if (change.IsJoin)
            {
                change.Member.SkipBytes = change.Offset;
                _members.Add(change.Member);
            }
            else
            {
                var said = batch.Bytes[change.Member.SkipBytes..change.Offset];
                if (!said.IsEmpty && !settings.Gate.IsFenced)
                {
                    change.Member.Recipient.Send(said);
                }

                _members.Remove(change.Member);
                change.Member.Recipient.ReleasePendingFlush();
            }
        }
    }

    private void SendCurrentTo(Membership member, bool isFenced)
    {
        var unsaid = _current!.Bytes[member.SkipBytes..];
        member.SkipBytes = 0;
        if (!unsaid.IsEmpty && !isFenced)
        {
            member.Recipient.Send(unsaid);
        }
    }
}
