using Direct.Edge.Protocol;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Memory;

namespace Direct.Edge.Keeping;

/// <summary>
/// Keeps the end of the log of one topic, from the first <c>direct.2</c> connection that holds it until some time after the last one.
/// </summary>
/// <remarks>
/// A message is appended to the ring and added to the index under one lock. So a connection that joins the index under this lock, when it has
/// received everything up to the head, misses nothing and receives nothing twice.
/// <para>
/// The gate is outside the locks of the index and the wheel. A thread that takes those of several topics does so in the order of
/// <see cref="TopicKind"/>, and takes no more than one of each kind.
/// </para>
/// </remarks>
internal abstract class KeptTopic(Topic topic, KeptTopicContext context) : DeadlineWheel.Entry, IKeptTopic
{
    /// <summary>
    /// Specifies what a kept topic takes besides its messages. It counts while nothing holds the topic: only then can the budget end it.
    /// </summary>
    public const int OwnBytes = 256;

    /// <summary>Specifies the size of a page, unless a single message is longer.</summary>
    public const int PageBytes = 16 * 1024;

    // A page of a user's messages for other rooms ends here, so that the gate is not held for long.
    private const int MaxEntriesPerPage = 512;

    // Messages of this time share a ticket of the budget.
    private const long TicketMs = 100;

    // Guarded by the gate.
    private int _holders;
    private long _windows;
    private long _keepUntilMs;
    private long _askedUntilMs; // the cluster has asked for the topic until then
    private long _ticket; // the last one; 0 if it has been used
    private long _ticketMs;
    private long _ticketsBefore; // is added to offsets, so that the tickets of an earlier ring are below those of this one
    private long _lastTicket;

    /// <summary>Gets the lock of the topic. Nothing is awaited under it.</summary>
    public Lock Gate { get; } = new();

    public Topic Topic { get; } = topic;

    /// <summary>Gets the stamp of the last message; <see cref="Stamp.None"/> if the log is not known.</summary>
    public Stamp Head
    {
        get
        {
            lock (Gate)
            {
                return CurrentEpoch == 0 ? Stamp.None : new Stamp(CurrentEpoch, Ring.Head);
            }
        }
    }

    protected KeptTopicContext Context => context;

    // The members below are used under the gate.

    /// <summary>Gets the end of the log.</summary>
    protected TopicRing Ring { get; } = new();

    /// <summary>Gets the epoch that messages have now; 0 if the log is not known.</summary>
    protected abstract long CurrentEpoch { get; }

    /// <summary>Gets whether something holds this topic.</summary>
    protected bool IsHeld => _holders > 0;

    // While something holds the topic, it does not end.
    private long EndsAtMs => Math.Max(_keepUntilMs, _askedUntilMs);

    /// <summary>Gets whether nothing uses this topic any more.</summary>
    protected bool IsRetired { get; private set; }

    /// <summary>Adds a holder. Returns false if this topic has been retired; the caller then takes a new one.</summary>
    public bool TryHold()
    {
        lock (Gate)
        {
            if (IsRetired)
            {
                return false;
            }

            if (_holders++ == 0)
            {
                if (_windows > 0)
                {
                    context.Budget.Count(-OwnBytes);
                }
                else
                {
                    context.Users?.Add(this);
                }
            }

            return true;
        }
    }

    /// <summary>Removes a holder. The topic stays for at least this time, and for at least the time of every holder before.</summary>
    public void Release(TimeSpan keepFor)
    {
        lock (Gate)
        {
            if (IsRetired)
            {
                return;
            }

            _keepUntilMs = Math.Max(_keepUntilMs, context.Wheel.CurrentMs + (long)keepFor.TotalMilliseconds);
            if (--_holders == 0)
            {
                context.Wheel.Schedule(this, EndsAtMs);
                context.Budget.Count(OwnBytes);
                context.Budget.AddWindow(this, ++_windows);
            }
        }
    }

    /// <summary>Keeps the topic for this time, also without a holder. Zero ends an earlier call; the time of holders stays.</summary>
    public void KeepFor(TimeSpan time)
    {
        lock (Gate)
        {
            _askedUntilMs = time > TimeSpan.Zero ? context.Wheel.CurrentMs + (long)time.TotalMilliseconds : 0;
            if (_holders == 0 && !IsRetired)
            {
                context.Wheel.Schedule(this, EndsAtMs);
            }
        }
    }

    /// <summary>Returns what is known of the position of a client.</summary>
    public PositionStatus Check(Stamp position)
    {
        lock (Gate)
        {
            return CheckUnderGate(position);
        }
    }

    /// <summary>
    /// Completes after this node has asked for what may decide an undecided position, with whether it got an answer. The position is decided then, or cannot be.
    /// </summary>
    public virtual Task<bool> PullAsync(Stamp position) => Task.FromResult(true);

    /// <summary>
    /// Encodes the messages after an offset, at most a page of them, as the connection would receive them live. Messages to a user are those that match
    /// the rooms of the connection.
    /// </summary>
    public ReplayPage Read(Stamp after, IRecipient connection)
    {
        lock (Gate)
        {
            if (CheckUnderGate(after) is not PositionStatus.Covered || after.Offset < Ring.Floor)
            {
                return new ReplayPage { Through = after, IsEvicted = true };
            }

            byte[]? buffer = null;
            var (length, through, epoch) = (0, after.Offset, CurrentEpoch);
            Span<byte> header = stackalloc byte[MessageHeader.MaxBytes];
            var last = Math.Min(Ring.Head, after.Offset + MaxEntriesPerPage);
            for (var offset = after.Offset + 1; offset <= last; offset++)
            {
                var entry = Ring[offset];
                if (!entry.IsVoid && (Topic.Kind is not TopicKind.User || connection.Matches(new Target(entry.Room.Group, entry.Room.Channel, Topic.Id))))
                {
                    var start = header[..MessageHeader.Write(header, Topic, new Stamp(epoch, offset))];
                    var frameBytes = FrameWriter.FrameBytes(start.Length + entry.Payload.Length);
                    if (length > 0 && length + frameBytes > PageBytes)
                    {
                        break;
                    }

                    buffer ??= QueueBuffers.Rent(Math.Max(PageBytes, frameBytes));
                    length += FrameWriter.Write(buffer.AsSpan(length), Opcode.Text, start, entry.Payload);
                }

                through = offset;
            }

            return new ReplayPage { Buffer = buffer, Length = length, Through = new Stamp(epoch, through), IsLast = through == Ring.Head };
        }
    }

    void IKeptTopic.Evict(long ticket)
    {
        lock (Gate)
        {
            var isLast = ticket == _ticket;
            context.Budget.Count(-Ring.EvictThrough(isLast ? Ring.Head : ticket - _ticketsBefore));
            _ticket = isLast ? 0 : _ticket;
        }
    }

    void IKeptTopic.EndWindow(long window) => RetireIf(() => _windows == window);

    internal override void OnDue(long nowMs) => RetireIf(() => nowMs >= EndsAtMs);

    // A topic with many messages would otherwise fill the budget with tickets of messages that its ring has dropped.
    private void Count(long offset, int bytes)
    {
        var nowMs = context.Wheel.NowMs;
        if (_ticket != 0 && nowMs - _ticketMs < TicketMs)
        {
            context.Budget.Count(bytes);
            return;
        }

        (_ticket, _ticketMs) = (AddTicket(offset, bytes), nowMs);
    }

    /// <summary>Ends the topic, also if something holds it.</summary>
    public void Retire() => RetireIf(static () => true, isForced: true);

    /// <summary>Returns the entry of a message, whose payload is copied.</summary>
    protected KeptEntry EntryOf(Target target, ReadOnlySpan<byte> payload) =>
        new(payload.ToArray(), Topic.Kind is TopicKind.User ? (target.Group, target.Channel) : default);

    /// <summary>Appends a message and returns its offset.</summary>
    protected long Append(KeptEntry entry)
    {
        var offset = Ring.Append(entry);
        Count(offset, TopicRing.BytesOf(entry));
        context.Budget.Count(-Ring.EvictAbove(context.BytesPerTopic));
        return offset;
    }

    /// <summary>Adds messages up to an offset to the budget. Returns their ticket.</summary>
    protected long AddTicket(long offset, int bytes)
    {
        var ticket = offset + _ticketsBefore;
        _lastTicket = Math.Max(_lastTicket, ticket);
        context.Budget.Add(this, ticket, bytes);
        return ticket;
    }

    /// <summary>Drops all messages, and continues after an offset of another log.</summary>
    protected void Restart(long head)
    {
        context.Budget.Count(-Ring.Restart(head));
        (_ticket, _ticketsBefore) = (0, _lastTicket);
    }

    protected abstract PositionStatus CheckUnderGate(Stamp position);

    /// <summary>Is called under the gate when the topic has retired.</summary>
    protected virtual void OnRetired()
    {
    }

    private void RetireIf(Func<bool> condition, bool isForced = false)
    {
        lock (Gate)
        {
            if ((_holders > 0 && !isForced) || IsRetired || !condition())
            {
                return;
            }

            IsRetired = true;
            context.Budget.Count(-Ring.EvictThrough(Ring.Head) - (_holders > 0 ? 0 : OwnBytes));
            OnRetired();
            context.Users?.Remove(this);
        }

        context.Wheel.Cancel(this);
        context.Retired(this);
    }
}
