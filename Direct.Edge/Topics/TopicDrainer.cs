namespace Direct.Edge.Topics;

/// <summary>Sends the messages of one <see cref="TopicLog"/> to its members, batch by batch, with one send for each member.</summary>
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

    private MemberList _members = new();

    // The batch that is being sent, and the index of the next member.
    private FrameBatch? _current;
    private int _nextMember;

    /// <summary>Adds a member. Called under the log's gate, while the drainer does not run.</summary>
    public void Add(Membership member) => _members.Add(member);

    /// <summary>Removes a member. Called under the log's gate, while the drainer does not run.</summary>
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

            // On a thread that reads sockets, messages that have arrived meanwhile are sent together with those that wait. Elsewhere another slice
            // would only cost time.
            if (DrainScheduler.IsLoopThread && log.WaitingBytes > 0)
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
