using System.Diagnostics.CodeAnalysis;
using Direct.Edge.Topics;
using Direct.Keeping;
using Direct.Timing;

namespace Direct.Edge.Keeping;

/// <summary>
/// Keeps a copy of the end of a log that a silo numbers. Its visible part has no holes, so a client whose position is in the log needs exactly what follows
/// there.
/// </summary>
/// <remarks>
/// <code>
///    Opening --Open--> Current &lt;--everything is here-- Behind
///       ^                 |  --a message is missing-->
///       |                 |
///       +--Open-- Broken &lt;+ a message without a place
/// </code>
/// In Opening and Broken no log is known; a subscribe with keep is under way, whose answer goes to <see cref="Open"/>. In Behind a message is known to be in the log
/// that is not here, and one pull at a time asks the leader for it.
/// <para>
/// A message is decided for each dialect. Members that speak <c>direct.2</c> receive it when it becomes visible; members of the original dialect receive it
/// at once, unless they have it. See docs/internals/resume.md.
/// </para>
/// </remarks>
internal sealed class FollowedTopic(Topic topic, KeptTopicContext context, ILogLeader leader) : KeptTopic(topic, context)
{
    // Clients name positions, so they decide how often these must be looked up.
    private const long AskIntervalMs = 1000;

    // While a silo is too old to keep logs, each message asks whether it has been replaced.
    private const long AskOldSiloIntervalMs = 60_000;

    private const long ExpireIntervalMs = 10_000;

    // The death of a silo changes the epochs of many topics at once. An epoch stays in the table for minutes after its end.
    private const long TellWithinMs = 30_000;

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _opened = NewSource();

    // Guarded by the gate.
    private readonly IdentityLedger _ledger = new(leader.TimeProvider);
    private long _restBytes; // as they are counted in the budget
    private long _expiredAtMs;
    private EpochTable? _table; // null in Opening and Broken
    private EpochTable? _brokenTable; // of the log before it broke
    private LeaderBallot? _ballot;
    private int _endedLogs; // of the lane, under that leader, when this log was there already
    private bool _isBroken;
    private bool _isUnkept; // broken, because the silo is too old
    private HiddenEntries? _hidden; // messages after a hole; those that do not fit are pulled
    private Stamp _lastHidden;
    private long _knownHead; // that of the leader, as far as it is known here
    private bool _isTailMissing; // the leader may have older messages
    private string? _untoldGap; // why the log was broken, until members are told
    private long? _untoldHead; // that at the start of an epoch in which members have no position yet
    private TaskCompletionSource? _changed;

    private bool _isPulling;
    private TaskCompletionSource<bool>? _asked; // completed by the next pull after the head
    private TaskCompletionSource<bool>? _tailAsked; // completed by the next pull before the ring
    private bool _isAskDue;
    private bool _isAskPlanned;
    private long _askedAtMs = -AskIntervalMs;
    private long _reopenedAtMs = -AskOldSiloIntervalMs;

    /// <summary>Completes when the log is known for the first time, or the topic has retired.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Gets the offset of the first message that is here, or that after the head; null if the log is not known.</summary>
    public long? FirstOffset
    {
        get
        {
            lock (Gate)
            {
                return _table is null ? null : Ring.Floor + 1;
            }
        }
    }

    protected override long CurrentEpoch => _table?.Current ?? 0;

    private bool IsBehind => _table is not null && Ring.Head < _knownHead;

    /// <summary>Delivers a message that a silo has sent. Returns false if this topic has been retired.</summary>
    public bool TryDeliver(Target target, ReadOnlySpan<byte> payload, in Stamping stamping, OriginalShare share, out KeptDelivery delivery)
    {
        bool reopens, pulls;
        lock (Gate)
        {
            delivery = default;
            if (IsRetired)
            {
                return false;
            }

            reopens = false;
            var stamp = stamping.Stamp;
            if (stamp == Stamp.None)
            {
                delivery = DeliverUnstamped(target, payload, stamping, share, out reopens);
            }
            else if (IsOfEarlierLog(stamping))
            {
                delivery = new KeptDelivery(ToOriginal(target, payload, share), 0); // members have joined later, or know of the gap
            }
            else if (_table is null || !_table.Covers(stamp) || stamp.Offset > Ring.Head + 1)
            {
                delivery = Hide(target, payload, stamping, share, out reopens);
            }
            else if (stamp.Offset <= Ring.Head)
            {
                delivery = new KeptDelivery(ToOriginal(target, payload, share), Ring.ReceiversOf(stamp.Offset));
                _ledger.Add(stamping.Origin with { IdHash = Guid.Empty }, stamp.Offset); // an id may come through another publisher
            }
            else
            {
                var entry = new LogEntry(stamp.Offset, stamping.Origin, share.IsVoid ? KeptEntry.Void : EntryOf(target, payload));
                delivery = new KeptDelivery(ToOriginal(target, payload, share), AppendEntry(entry, isLive: true));
                Reveal();
            }

            _ledger.Acknowledge(stamping.Origin.Publisher, stamping.AcknowledgedThrough);
            CountRest();
            pulls = TryStartPull();
        }

        Act(reopens, pulls);
        return true;
    }

    /// <summary>Takes the answer to a subscribe with keep. Returns false if it is of no use, because it is not that of the leader.</summary>
    public bool Open(LogPage page)
    {
        bool pulls;
        lock (Gate)
        {
            if (IsRetired)
            {
                return true;
            }

            if (_table is not null && !IsSameLog(page.Table))
            {
                Break("epoch");
            }

            if (_table is null)
            {
                Start(page);
            }
            else if (!Merge(page))
            {
                return false;
            }

            _isTailMissing |= page.First <= Ring.Floor;
            pulls = TryStartPull();
        }

        _opened.TrySetResult();
        Act(reopens: false, pulls);
        return true;
    }

    /// <summary>
    /// Records that the topic is subscribed without keep, because the silo is too old. Members receive messages without a place, and no position can be used.
    /// </summary>
    public void OpenWithoutLog()
    {
        lock (Gate)
        {
            if (IsRetired)
            {
                return;
            }

            if (_table is not null)
            {
                Break("unstamped");
            }

            (_isBroken, _isUnkept, _hidden, _reopenedAtMs) = (true, true, null, Context.Wheel.CurrentMs);
            _asked?.TrySetResult(true); // no position can be used
            _asked = null;
            TellUntoldGap();
            Changed();
            CountRest();
        }

        _opened.TrySetResult();
    }

    /// <summary>Takes the answer to a request for a range of messages. Returns false if it is of no use, because it is not that of the leader, or the topic must be opened again.</summary>
    public bool Extend(LogPage page, LogRange range)
    {
        bool isUsed;
        var wasLeftOut = false;
        lock (Gate)
        {
            if (IsRetired || _table is null)
            {
                return true;
            }

            if (range.IsOlder)
            {
                Prepend(page);
                return true;
            }

            var head = Ring.Head;
            if (!IsSameLog(page.Table) || (page.IsEvicted && head == range.After))
            {
                Break(page.IsEvicted ? "evicted" : "epoch");
                isUsed = false;
            }
            else
            {
                var epoch = CurrentEpoch;
                isUsed = Merge(page) && (Ring.Head != head || !IsBehind);
                wasLeftOut = CurrentEpoch != epoch; // of a recovery, so the leader does not count this keeper
            }
        }

        if (wasLeftOut)
        {
            leader.Reopen(Topic);
        }

        ReopenIfBroken();
        return isUsed;
    }

    /// <summary>
    /// Takes the log that a new leader has chosen. Returns false if this topic is not kept, or not opened yet; then the answer to its subscription follows.
    /// </summary>
    public bool Install(LeaderBallot? ballot, EpochTable table, long head)
    {
        bool pulls;
        lock (Gate)
        {
            if (IsRetired || _table is null)
            {
                return false;
            }

            if (IsSameLog(table))
            {
                Merge(new LogPage { Ballot = ballot, Table = table, Head = head, First = head + 1, Entries = [] });
            }
            else
            {
                Break("epoch");
            }

            pulls = TryStartPull();
        }

        Act(reopens: false, pulls);
        ReopenIfBroken();
        return true;
    }

    /// <summary>Reads the log under its lock. Returns null if it is not known. The last argument is whether everything that the leader had is here.</summary>
    public T? Read<T>(Func<TopicRing, IdentityLedger, EpochTable, LeaderBallot?, bool, T> read)
        where T : class
    {
        lock (Gate)
        {
            return _table is null ? null : read(Ring, _ledger, _table, _ballot, !IsBehind && !_isTailMissing);
        }
    }

    public override Task<bool> PullAsync(Stamp position)
    {
        Task<bool> asked;
        var (waitMs, pulls) = (0L, false);
        lock (Gate)
        {
            if (IsRetired)
            {
                return Task.FromResult(true);
            }

            if (_table is not null && _table.Covers(position) && position.Offset < Ring.Floor && _isTailMissing)
            {
                return (_tailAsked ??= NewAsk()).Task; // its pull runs
            }

            asked = (_asked ??= NewAsk()).Task;
            if (!_isAskDue && !_isAskPlanned)
            {
                waitMs = Math.Max(0, _askedAtMs + AskIntervalMs - Context.Wheel.CurrentMs);
                _isAskPlanned = waitMs > 0;
                _isAskDue = waitMs == 0;
            }

            pulls = TryStartPull();
        }

        Act(reopens: false, pulls);
        if (waitMs > 0)
        {
            Background.Run(() => AskLaterAsync(TimeSpan.FromMilliseconds(waitMs)));
        }

        return asked;
    }

    protected override PositionStatus CheckUnderGate(Stamp position)
    {
        if (position == Stamp.None)
        {
            return PositionStatus.Unknown;
        }

        if (_table is null)
        {
            return _isUnkept ? PositionStatus.Unknown : PositionStatus.Undecided;
        }

        if (!_table.Covers(position))
        {
            return _table.Has(position.Epoch) ? PositionStatus.Unknown : PositionStatus.Undecided;
        }

        return position.Offset > Ring.Head || (position.Offset < Ring.Floor && _isTailMissing) ? PositionStatus.Undecided : PositionStatus.Covered;
    }

    // While something holds the topic, the deadline is not that of its end.
    internal override void OnDue(long nowMs)
    {
        lock (Gate)
        {
            if (_table is not null && _untoldHead == Ring.Head)
            {
                Context.Index.TellPosition(Topic, Head);
            }

            _untoldHead = null;
        }

        base.OnDue(nowMs);
    }

    protected override void OnRetired()
    {
        _table = null;
        _hidden = null;
        _ledger.Clear();
        CountRest();
        Changed();
        _asked?.TrySetResult(true);
        _tailAsked?.TrySetResult(true);
        _opened.TrySetResult();
    }

    private static TaskCompletionSource<bool> NewAsk() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Act(bool reopens, bool pulls)
    {
        if (reopens)
        {
            leader.Reopen(Topic);
        }

        if (pulls)
        {
            Background.Run(RunPullsAsync);
        }
    }

    private void ReopenIfBroken()
    {
        if (Volatile.Read(ref _isBroken))
        {
            leader.Reopen(Topic);
        }
    }

    // One at a time runs. Messages that members wait for come before those that only a client may need that comes back.
    private async Task RunPullsAsync()
    {
        var retryDelay = FirstRetryDelay;
        while (TryBeginPull(out var range, out var asked))
        {
            var isAnswered = await leader.TryFetchAsync(this, range);
            asked?.TrySetResult(isAnswered && !(range.IsOlder && Volatile.Read(ref _isTailMissing)));
            if (isAnswered)
            {
                retryDelay = FirstRetryDelay;
                continue;
            }

            // The leader may not know this keeper, or may have been replaced.
            await Task.Delay(retryDelay, leader.TimeProvider);
            retryDelay = Backoff.Next(retryDelay, LongestRetryDelay);
            leader.Reopen(Topic);
        }
    }

    private bool TryBeginPull(out LogRange range, out TaskCompletionSource<bool>? asked)
    {
        lock (Gate)
        {
            (range, asked) = (default, null);
            _isPulling = !IsRetired && _table is not null && (IsBehind || _isAskDue || _isTailMissing);
            if (!_isPulling)
            {
                return false;
            }

            if (IsBehind || _isAskDue)
            {
                range = new LogRange(Ring.Head);
                (asked, _asked) = (_asked, null);
                _askedAtMs = _isAskDue ? Context.Wheel.CurrentMs : _askedAtMs;
                _isAskDue = false;
            }
            else
            {
                range = new LogRange(0, Ring.Floor);
                (asked, _tailAsked) = (_tailAsked, null);
            }

            return true;
        }
    }

    private async Task AskLaterAsync(TimeSpan delay)
    {
        await Task.Delay(delay, leader.TimeProvider);
        bool pulls;
        lock (Gate)
        {
            _isAskPlanned = false;
            _isAskDue = _asked is not null; // another pull may have answered meanwhile
            pulls = TryStartPull();
        }

        Act(reopens: false, pulls);
    }

    // The methods below are called under the gate.

    private bool TryStartPull()
    {
        if (_isPulling || IsRetired || _table is null || !(IsBehind || _isAskDue || _isTailMissing))
        {
            return false;
        }

        return _isPulling = true;
    }

    private int ToOriginal(Target target, ReadOnlySpan<byte> payload, OriginalShare share) =>
        share.Connections ?? Context.Index.Publish(Topic, target, payload, Stamp.None, Audience.Original);

    private KeptDelivery DeliverUnstamped(Target target, ReadOnlySpan<byte> payload, in Stamping stamping, OriginalShare share, out bool reopens)
    {
        reopens = false;
        if (_table is null ? !_isBroken : stamping.Ballot == _ballot && stamping.EndedLogs <= _endedLogs)
        {
            return new KeptDelivery(ToOriginal(target, payload, share), 0); // it was accepted before the record began
        }

        // The leader is older, has left this gateway out, or has ended the log: what it has sent before may be missing here.
        if (_table is not null)
        {
            Break("unstamped");
            reopens = true;
        }

        TellUntoldGap();
        reopens |= TryReopen(_isUnkept ? AskOldSiloIntervalMs : AskIntervalMs);
        var direct2 = share.Connections is null ? Context.Index.Publish(Topic, target, payload, Stamp.None, Audience.Direct2) : 0;
        return new KeptDelivery(ToOriginal(target, payload, share) + direct2, 0);
    }

    private KeptDelivery Hide(Target target, ReadOnlySpan<byte> payload, in Stamping stamping, OriginalShare share, out bool reopens)
    {
        var stamp = stamping.Stamp;
        if (share.IsVoid || !Context.Budget.IsExceeded)
        {
            (_hidden ??= new HiddenEntries(Context.BytesPerTopic)).TryAdd(stamp, share.IsVoid ? KeptEntry.Void : EntryOf(target, payload), stamping.Origin);
        }

        _lastHidden = _lastHidden.Epoch != stamp.Epoch || _lastHidden.Offset < stamp.Offset ? stamp : _lastHidden;
        var isCovered = _table is not null && _table.Covers(stamp);
        _knownHead = isCovered ? Math.Max(_knownHead, stamp.Offset) : _knownHead;
        reopens = !isCovered && (_table is not null || _isBroken) && TryReopen();
        return new KeptDelivery(ToOriginal(target, payload, share), 0, (_changed ??= NewSource()).Task);
    }

    // A leader that has forgotten ids begins another table, counts on, and may repeat what it had sent before. And what it sent before it ended a log may come after the answer to a
    // subscription to the next one.
    private bool IsOfEarlierLog(in Stamping stamping)
    {
        var stamp = stamping.Stamp;
        if (_table is null || _table.Has(stamp.Epoch))
        {
            return false;
        }

        return (stamping.Ballot == _ballot && stamping.EndedLogs < _endedLogs) || (stamp.Offset <= Ring.Head && _brokenTable is not null && _brokenTable.Has(stamp.Epoch));
    }

    private bool TryReopen(long intervalMs = AskIntervalMs)
    {
        var nowMs = Context.Wheel.CurrentMs;
        if (nowMs - _reopenedAtMs < intervalMs)
        {
            return false;
        }

        _reopenedAtMs = nowMs;
        return true;
    }

    // Takes the table and what follows the head. Returns false if it is the answer of a leader that has been replaced.
    private bool Merge(LogPage page)
    {
        if (page.Table.Current != CurrentEpoch && _table!.Has(page.Table.Current))
        {
            return false;
        }

        var common = _table!.CommonWith(page.Table);
        var isNewEpoch = page.Table.Current != CurrentEpoch;
        (_ballot, _endedLogs) = isNewEpoch ? (page.Ballot, 0) : (_ballot, _endedLogs); // a recovery continues logs before any can end
        _table = page.Table;
        if (Ring.Head > common)
        {
            Context.Budget.Count(-Ring.CutAt(common));
            _ledger.CutAt(common);
            TellGap("epoch");
        }

        if (isNewEpoch && IsHeld)
        {
            // A client that stays in a quiet topic would otherwise come back with an epoch that has left the table.
            _untoldHead = Ring.Head;
            Context.Wheel.Schedule(this, Context.Wheel.CurrentMs + (CurrentEpoch % TellWithinMs));
        }

        AppendAll(page.Entries, isLive: true);
        Settle(page.Head);
        return true;
    }

    // Begins a log. What came before its head is not sent to members: nobody has joined yet, or they are told of a gap.
    private void Start(LogPage page)
    {
        (_table, _ballot, _endedLogs, _isBroken, _isUnkept) = (page.Table, page.Ballot, page.EndedLogs, false, false);
        Restart(page.Head - page.Entries.Count);
        foreach (var (offset, origin, idAge) in page.Headers)
        {
            _ledger.Add(origin, offset, idAge);
        }

        AppendAll(page.Entries, isLive: false);
        TellGap(_untoldGap);
        _untoldGap = null;
        Settle(page.Head);
    }

    // Forgets the log: from here on nothing is known of it until the topic is opened again. Members are told of the gap then, because they get nothing before, except
    // messages without a place.
    private void Break(string cause)
    {
        (_brokenTable, _table, _hidden, _isBroken, _untoldGap) = (_table, null, null, true, cause);
        SettleTail(isMissing: false);
        Restart(0);
        _ledger.Clear();
        Changed();
        CountRest();
    }

    private void Settle(long leaderHead)
    {
        _knownHead = _table!.Covers(_lastHidden) ? Math.Max(leaderHead, _lastHidden.Offset) : leaderHead;
        Reveal();
        Changed();
        CountRest();
    }

    private void AppendAll(IReadOnlyList<LogEntry> entries, bool isLive)
    {
        foreach (var entry in entries)
        {
            if (entry.Offset == Ring.Head + 1)
            {
                // A message that this gateway has refused is delivered to nobody here, even if the leader does not know of the refusal.
                var isVoid = entry.Kept.IsVoid || (TryTakeHidden(entry.Offset, out var hidden) && hidden.Entry.IsVoid);
                AppendEntry(isVoid ? entry with { Kept = KeptEntry.Void } : entry, isLive);
            }
            else if (entry.Offset > Ring.Head)
            {
                (_hidden ??= new HiddenEntries(Context.BytesPerTopic)).TryAdd(new Stamp(CurrentEpoch, entry.Offset), entry.Kept, entry.Origin);
            }
        }
    }

    // Appends what follows the head, and delivers it to members that speak direct.2. Returns their number.
    private int AppendEntry(LogEntry entry, bool isLive)
    {
        // A publisher gives a sequence once. An id may be used again when the leader has forgotten it, which it need not tell.
        var isVoid = entry.Kept.IsVoid || (_ledger.TryFind(entry.Origin with { IdHash = Guid.Empty }, out var known) && known < entry.Offset);
        Append(isVoid ? KeptEntry.Void : entry.Kept);
        _ledger.Add(entry.Kept.IsVoid ? entry.Origin with { IdHash = Guid.Empty } : entry.Origin, entry.Offset);

        if (isVoid || !isLive)
        {
            return 0;
        }

        var target = Topic.Kind is TopicKind.User ? new Target(entry.Kept.Room.Group, entry.Kept.Room.Channel, Topic.Id) : default;
        var connections = Context.Index.Publish(Topic, target, entry.Kept.Payload, new Stamp(CurrentEpoch, entry.Offset), Audience.Direct2);
        Ring.SetReceivers(entry.Offset, connections);
        return connections;
    }

    private void Reveal()
    {
        while (TryTakeHidden(Ring.Head + 1, out var hidden))
        {
            AppendEntry(new LogEntry(hidden.Stamp.Offset, hidden.Origin, hidden.Entry), isLive: true);
        }

        if (_hidden is not null && _lastHidden.Offset <= Ring.Head)
        {
            _hidden = null; // what is left is in the ring already, or was of another log
        }
    }

    private bool TryTakeHidden(long offset, [NotNullWhen(true)] out HiddenEntries.Hidden? hidden)
    {
        hidden = null;
        return _hidden is not null && _hidden.TryTake(offset, out hidden) && _table!.Covers(hidden.Stamp);
    }

    private bool IsSameLog(EpochTable table)
    {
        foreach (var epoch in _table!.Epochs)
        {
            if (table.Has(epoch.Id))
            {
                return true;
            }
        }

        return false;
    }

    private void Prepend(LogPage page)
    {
        if (page.IsEvicted || page.Table.Current != CurrentEpoch)
        {
            SettleTail(isMissing: false);
            return;
        }

        var (bytes, isFull) = (0, false);
        for (var i = page.Entries.Count - 1; i >= 0 && !isFull; i--)
        {
            var entry = page.Entries[i];
            isFull = Context.Budget.IsExceeded || Ring.Bytes + TopicRing.BytesOf(entry.Kept) > Context.BytesPerTopic;
            if (entry.Offset == Ring.Floor && !isFull) // newer ones may have been evicted meanwhile
            {
                Ring.Prepend(entry.Kept);
                bytes += TopicRing.BytesOf(entry.Kept);
            }
        }

        SettleTail(isMissing: bytes > 0 && !isFull && page.HasMore);
        AddTicket(Ring.Head, bytes);
    }

    // Who has asked during the last pull looks again.
    private void SettleTail(bool isMissing)
    {
        _isTailMissing = isMissing;
        if (!isMissing)
        {
            _tailAsked?.TrySetResult(false);
            _tailAsked = null;
        }
    }

    // What is known of messages, and those after a hole, count together: nothing of that can be evicted.
    private void CountRest()
    {
        if (Context.Wheel.CurrentMs - _expiredAtMs > ExpireIntervalMs)
        {
            _expiredAtMs = Context.Wheel.CurrentMs;
            _ledger.Expire(Context.RemembersIdsFor);
        }

        var bytes = _ledger.Bytes + (_hidden?.Bytes ?? 0);
        Context.Budget.Count(bytes - _restBytes);
        _restBytes = bytes;
    }

    private void TellUntoldGap()
    {
        if (_untoldGap is { } cause)
        {
            _untoldGap = null;
            TellGap(cause);
        }
    }

    // Without a cause it has been counted already.
    private void TellGap(string? cause)
    {
        var members = Context.Index.TellGap(Topic, Head);
        if (members > 0 && cause is not null)
        {
            Context.Metrics.Gap(cause, members);
        }
    }

    private void Changed()
    {
        _changed?.SetResult();
        _changed = null;
    }
}
