using Direct.Keeping;

namespace Direct.Grains.Topics;

/// <summary>
/// Represents what a lane knows of the log of one topic: the epoch table, the tail, and what identifies the messages. The lane's activation gives the offsets. The lock of
/// the lane's router guards it.
/// </summary>
internal sealed class TopicRecord : IKeptTopic
{
    // Longer than the lease of a gateway: what is older has been acknowledged by every gateway that still has one.
    private static readonly TimeSpan RecentTime = TimeSpan.FromSeconds(25);

    // Messages of this time share a ticket of the budget.
    private static readonly TimeSpan TicketTime = TimeSpan.FromMilliseconds(100);

    private readonly LaneLogs _logs;
    private readonly Lock _gate;
    private readonly TimeProvider _timeProvider;
    private readonly TopicRing _tail = new();
    private readonly IdentityLedger _known;
    private long _countedBytes;
    private long _ticket; // the offset of the last one; 0 if it has been used
    private long _ticketAt;

    // The heads at the start of the present and the last period of the recent time. So what follows the older one is recent enough, and at most twice as old.
    private long _recentSince;
    private long _recentBefore;
    private long _recentAt;
    private long _refillFirst; // the first message that a refill may still bring; 0 if there is none
    private bool _isEnded;

    /// <summary>Starts a new log, to which no position of an earlier one belongs.</summary>
    public TopicRecord(LaneLogs logs, Lock gate, TimeProvider timeProvider)
    {
        (_logs, _gate, _timeProvider, _known) = (logs, gate, timeProvider, new IdentityLedger(timeProvider));
        _recentAt = timeProvider.GetTimestamp();
        Table = EpochTable.Empty.Open(EpochTable.NewId());
        logs.Began();
    }

    /// <summary>Continues a log that gateways have kept.</summary>
    public TopicRecord(RecoveredTopic recovered, LaneLogs logs, Lock gate, TimeProvider timeProvider)
        : this(logs, gate, timeProvider)
    {
        Table = recovered.Table;
        _tail.Restart(recovered.Head);
        foreach (var header in recovered.Headers)
        {
            _known.Add(header.Origin.ToOrigin(), header.Offset, header.IdAge);
        }

        _recentSince = _recentBefore = recovered.Head - recovered.Messages.Count;
        _refillFirst = Prepend(recovered.Messages) && recovered.First <= _tail.Floor ? recovered.First : 0;
    }

    public EpochTable Table { get; private set; }

    /// <summary>Gets or sets the time until which the record stays although no gateway keeps the topic, as a timestamp.</summary>
    public long KeepUntil { get; set; }

    public long Head => _tail.Head;

    /// <summary>Gets the offset after which the tail has every message.</summary>
    public long Floor => _tail.Floor;

    /// <summary>Gets the bytes that it counts.</summary>
    public long Bytes => _countedBytes;

    /// <summary>
    /// Gives a signal its place in the log: the next one, or that of its first delivery. It has none if all gateways have acknowledged it already: it comes with a call
    /// that its publisher has given up.
    /// </summary>
    /// <param name="batch">The batch of the signal.</param>
    /// <param name="signal">The signal.</param>
    /// <param name="idHash">The hash of its id if the place is new; otherwise empty.</param>
    public LogPosition Stamp(SignalBatch batch, SignalEnvelope signal, out Guid idHash)
    {
        var last = _known.Acknowledge(batch.Publisher, batch.AcknowledgedThrough);
        idHash = signal.SignalId is null ? Guid.Empty : Origin.HashOf(signal.SignalId, signal.Group, signal.Channel, signal.User, signal.Payload);
        if (idHash != Guid.Empty)
        {
            // The gateways have forgotten these too. With its first place, a message whose id is used again would reach members of the original dialect only.
            _known.ExpireIds(_logs.IdWindow);
        }

        var origin = new Origin(batch.Publisher, signal.Sequence, idHash);

        // The sequences of a publisher ascend: an outbox has one batch of a lane in flight, and repeats before it sends new ones. But a call that was given up may
        // arrive after its repeat.
        var isLate = signal.Sequence <= last;
        if ((batch.IsRepeat || isLate || idHash != Guid.Empty) && _known.TryFind(origin, out var offset))
        {
            // Its id may have been forgotten, after a refusal or by its age, and must not be remembered again at an earlier place.
            (idHash, origin) = (Guid.Empty, origin with { IdHash = Guid.Empty });
        }
        else if (isLate && _known.IsAcknowledged(batch.Publisher, signal.Sequence))
        {
            idHash = Guid.Empty;
            return LogPosition.None;
        }
        else
        {
            offset = Append(signal);
        }

        _known.Add(origin, offset); // also for a known id: the sequence of this publisher is known from now on
        if (_known.Ids > IdentityLedger.MaxIds)
        {
            // A repeat of what is forgotten would get another place. So no position is part of the log any more.
            _known.ForgetOlderIds();
            Table = EpochTable.Empty.Open(EpochTable.NewId());
        }

        Recount();
        return new LogPosition(Table.Current, offset);
    }

    /// <summary>Makes an entry void: a gateway has refused it because its id was used for another message. The id may be free later.</summary>
    /// <param name="offset">The offset that the signal got as a new one.</param>
    /// <param name="idHash">The hash of its id.</param>
    public void Void(long offset, Guid idHash)
    {
        _tail.Void(offset);
        _known.ForgetId(idHash, offset);
        Recount();
    }

    public KeptAnswer Answer(Ballot? ballot)
    {
        Rotate();
        var headers = _known.ToHeaders(after: 0, _tail.Head, FetchRequest.PageBytes, out var moreHeadersAfter);
        return new KeptAnswer(
            KeptStatus.Kept,
            ballot,
            Table.ToWire(_timeProvider),
            _tail.Head,
            _refillFirst > 0 ? _refillFirst : _tail.Floor + 1,
            _tail.Read(_known, Math.Max(_recentBefore, _tail.Floor), _tail.Head, KeptAnswer.MaxRecentBytes, isNewestFirst: true),
            headers,
            moreHeadersAfter);
    }

    public HeaderPage Headers(FetchRequest request)
    {
        var headers = _known.ToHeaders(request.After, request.Through, FetchRequest.PageBytes, out var moreHeadersAfter);
        return new HeaderPage(Table.Current, headers, moreHeadersAfter);
    }

    // While a refill may bring what is asked for, nobody knows whether it is there.
    public TailPage Answer(FetchRequest request, Ballot? ballot) =>
        _refillFirst > 0 && request.After < _tail.Floor ? TailPage.NotReady : request.Answer(_tail, _known, Table.ToWire(_timeProvider), ballot);

    /// <summary>
    /// Adds messages in front of the tail. Returns the offset of the last one that is still missing there; 0 if there is none, or no space for it. Then the refill has
    /// ended, and also without messages. Two refills may run at once: what one has brought already is skipped.
    /// </summary>
    public long Refill(long epoch, IReadOnlyList<KeptMessage> messages)
    {
        var missing = messages.Count == 0 ? 0 : (int)Math.Clamp(_tail.Floor - messages[0].Offset + 1, 0, messages.Count);
        var isContinued = epoch == Table.Current && messages.Count > 0 && _tail.Floor > 0
            && (missing == 0 || (messages[missing - 1].Offset == _tail.Floor && Prepend([.. messages.Take(missing)]) && _tail.Floor > 0));
        _refillFirst = isContinued ? _refillFirst : 0;
        return isContinued ? _tail.Floor : 0;
    }

    /// <summary>Forgets ids, publishers and epochs that are too old, also of a topic that is quiet.</summary>
    public void Sweep()
    {
        _known.Expire(_logs.IdWindow);
        var age = _logs.Window + TimeSpan.FromMinutes(2);
        Table = Table.Without(_timeProvider.GetTimestamp() - (long)(age.TotalSeconds * _timeProvider.TimestampFrequency));
        Recount();
    }

    /// <summary>Ends the record: its bytes count no longer.</summary>
    public void End()
    {
        _isEnded = true;
        _tail.Restart(_tail.Head);
        _known.Clear();
        Recount();
        _logs.Ended();
    }

    void IKeptTopic.Evict(long ticket)
    {
        lock (_gate)
        {
            var isLast = ticket == _ticket;
            _tail.EvictThrough(isLast ? _tail.Head : ticket);
            _ticket = isLast ? 0 : _ticket;
            Recount();
        }
    }

    // A record without keepers ends by time, and has no ticket for that.
    void IKeptTopic.EndWindow(long window)
    {
    }

    private long Append(SignalEnvelope signal)
    {
        Rotate();
        var room = signal.Topic.Scope is TopicScope.User ? (signal.Group, signal.Channel) : default;
        var offset = _tail.Append(new KeptEntry(signal.Payload, room));
        _tail.EvictAbove(_logs.BytesPerTopic);
        if (_ticket == 0 || _timeProvider.GetElapsedTime(_ticketAt) >= TicketTime)
        {
            AddTicket(offset);
        }

        return offset;
    }

    // Returns whether there is space for all.
    private bool Prepend(IReadOnlyList<KeptMessage> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            var entry = messages[i].ToEntry();
            if (_logs.Budget.IsExceeded || _tail.Bytes + TopicRing.BytesOf(entry) > _logs.BytesPerTopic)
            {
                return false;
            }

            _tail.Prepend(entry);
            Recount();
        }

        if (_ticket == 0 && messages.Count > 0)
        {
            AddTicket(_tail.Head); // the age of what comes from gateways is not known, and counts from now on
        }

        return true;
    }

    private void AddTicket(long offset)
    {
        (_ticket, _ticketAt) = (offset, _timeProvider.GetTimestamp());
        _logs.Budget.Add(this, offset, 0);
    }

    private void Rotate()
    {
        var elapsed = _timeProvider.GetElapsedTime(_recentAt);
        if (elapsed < RecentTime)
        {
            return;
        }

        (_recentBefore, _recentSince) = (elapsed < 2 * RecentTime ? _recentSince : _tail.Head, _tail.Head);
        _recentAt = _timeProvider.GetTimestamp();
    }

    private void Recount()
    {
        var bytes = _isEnded ? 0 : _tail.Bytes + _known.Bytes;
        _logs.Count(bytes - _countedBytes);
        _countedBytes = bytes;
    }
}
