namespace Direct.Edge.Topics;

/// <summary>
/// Sends what waits in one <see cref="TopicLog"/> to the members, batch by batch, with one send for each member.
/// </summary>
/// <remarks>
/// The log starts it when something waits, and it runs until <see cref="TopicLog.TryTake"/> finds nothing more. It walks the members
/// without a lock: while it runs all its fields are its own, and while it rests they are guarded by the log's gate.
/// <para>
/// It checks the node's gate repeatedly. A process that resumes after its lease has ended continues in the middle of a batch; the rest of
/// that batch is then skipped and not sent.
/// </para>
/// </remarks>
internal sealed class TopicDrainer(TopicLog log, TopicLogSettings settings) : IThreadPoolWorkItem
{
    // A very large room lets others run after this many sends, about two milliseconds.
    private const int SendsPerSlice = 256;

    // Checking the gate reads the clock, about 25 ns; a send is a system call of a microsecond or more.
    private const int SendsPerLook = 16;

    private MemberList _members = new();

    // The batch it is in the middle of, and the next member to get it.
    private FrameBatch? _current;
    private int _nextMember;

    /// <summary>Adds a member. Under the log's gate, while nothing is drained.</summary>
    public void Add(Membership member) => _members.Add(member);

    /// <summary>Removes a member. Under the log's gate, while nothing is drained.</summary>
    public void Remove(Membership member) => _members.Remove(member);

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

            // Where the sockets are read, what has come meanwhile leaves together with what waits; elsewhere another slice would only cost.
            if (DrainScheduler.IsLoopThread && log.WaitingBytes > 0)
            {
                DrainScheduler.Add(this);
                return;
            }
        }
    }

    // Makes the next batch ready to be walked. When there is none, the log may have started this drainer again by now, on another thread:
    // then no field may be touched any more.
    private bool TryTake()
    {
        if (!log.TryTake(out var batch))
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
