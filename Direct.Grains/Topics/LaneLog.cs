using Direct.Grains.Gateways;

namespace Direct.Grains.Topics;

/// <summary>Holds the records of the kept topics of one lane, and gives the signals of these topics their places. The lock of the lane's router guards it.</summary>
internal sealed class LaneLog(LaneLogs logs, Lock gate, Ballot? ballot, TimeProvider timeProvider)
{
    private readonly Dictionary<TopicKey, TopicRecord> _records = [];
    private int _ended; // the number of logs that have ended, with their record or before it
    private LaneHolders? _holders; // null while every topic has always been kept by a gateway

    /// <summary>Gets the ballot of the activation; null if it has not recovered.</summary>
    public Ballot? Ballot => ballot;

    /// <summary>Gets the number of records.</summary>
    public int Count => _records.Count;

    /// <summary>Gets the topics that have a record.</summary>
    public IEnumerable<TopicKey> Topics => _records.Keys;

    /// <summary>Gets the number of topics that no gateway keeps, as of the last look.</summary>
    public int Unkept => _holders?.Unkept ?? 0;

    /// <summary>Accepts a batch, which gets the ballot, and the positions of the signals whose topics are kept. It has not entered the queue of any link.</summary>
    public AcceptedBatch Accept(ref SignalBatch batch)
    {
        var acceptedAt = timeProvider.GetTimestamp();
        LogPosition[]? stamps = null;
        (TopicRecord Record, long Offset, Guid IdHash)[]? newIds = null;
        if (_records.Count > 0)
        {
            var signals = batch.Signals;
            for (var i = 0; i < signals.Length; i++)
            {
                if (_records.TryGetValue(signals[i].Topic, out var record))
                {
                    stamps ??= new LogPosition[signals.Length];
                    var log = record.Table;
                    stamps[i] = record.Stamp(batch, signals[i], out var newId);
                    _ended += record.Table == log ? 0 : 1;
                    if (newId != Guid.Empty)
                    {
                        newIds ??= new (TopicRecord, long, Guid)[signals.Length];
                        newIds[i] = (record, stamps[i].Offset, newId);
                    }
                }
            }
        }

        if (stamps is not null || ballot is not null)
        {
            batch = batch with { Stamps = stamps, Ballot = ballot, EndedLogs = _ended };
        }

        return newIds is null ? new AcceptedBatch(batch, acceptedAt) : new WithNewIds(batch, acceptedAt, newIds);
    }

    /// <summary>Returns the log of a topic that a gateway keeps from now on. It begins now, unless there is one.</summary>
    public KeptAnswer Keep(TopicKey topic)
    {
        if (!_records.TryGetValue(topic, out var record))
        {
            _records.Add(topic, record = new TopicRecord(logs, gate, timeProvider));
        }

        return record.Answer(ballot) with { EndedLogs = _ended };
    }

    public TailPage Fetch(FetchRequest request) => _records.TryGetValue(request.Topic, out var record) ? record.Answer(request, ballot) : TailPage.NotReady;

    public HeaderPage FetchHeaders(FetchRequest request) => _records.TryGetValue(request.Topic, out var record) ? record.Headers(request) : HeaderPage.NotReady;

    /// <summary>Continues the log of a topic that gateways have kept.</summary>
    public void Restore(RecoveredTopic topic) =>
        _records.Add(topic.Topic, new TopicRecord(topic, logs, gate, timeProvider) { KeepUntil = After(logs.Window) });

    public long Refill(TopicKey topic, long epoch, IReadOnlyList<KeptMessage> messages) =>
        _records.TryGetValue(topic, out var record) ? record.Refill(epoch, messages) : 0;

    /// <summary>
    /// Ends the log of a topic soon: its last keeper does not want it any more. If clients of an earlier one may still come back, another gateway is asked to keep it.
    /// </summary>
    public void Released(TopicKey topic)
    {
        if (_records.TryGetValue(topic, out var record))
        {
            var soon = After(LaneRouter.KeepUnwantedFor);
            if (record.KeepUntil > soon)
            {
                AskSoon(topic);
            }

            record.KeepUntil = Math.Max(record.KeepUntil, soon);
        }
    }

    /// <inheritdoc cref="LaneRouter.FindMissing" />
    public (long Epoch, FetchRequest Request)? FindMissing(TopicKey topic, long first) =>
        _records.TryGetValue(topic, out var record) && record.Floor > 0 && record.Floor >= first
            ? (record.Table.Current, new FetchRequest(topic, Math.Max(0, first - 1), record.Floor, IsNewestFirst: true, ballot))
            : null;

    /// <summary>Keeps the log of a topic for a window at least: a keeper has left the cluster without a word, and its clients may come back elsewhere.</summary>
    public void Lost(TopicKey topic)
    {
        if (_records.TryGetValue(topic, out var record))
        {
            record.KeepUntil = Math.Max(record.KeepUntil, After(logs.Window));
        }
    }

    /// <summary>Records that a gateway is being stopped that keeps a topic.</summary>
    public void HandedOver(TopicKey topic)
    {
        if (_records.ContainsKey(topic))
        {
            AskSoon(topic);
        }
    }

    /// <summary>Adds what gateways must be asked about a topic that no other gateway keeps. Returns whether the topic must be looked at again.</summary>
    /// <param name="topic">The topic, which has a record.</param>
    /// <param name="keepers">The gateways that keep it; null if there are none.</param>
    /// <param name="calls">Takes the requests.</param>
    public bool Look(TopicKey topic, Subscribers? keepers, HolderCalls calls)
    {
        // A request needs a ballot. The lane has one from its recovery on, which comes before its first log.
        if (ballot is null || (_holders is null && keepers is not null && calls.AnyStays(keepers)))
        {
            return false;
        }

        var record = _records[topic];
        return (_holders ??= new LaneHolders(timeProvider)).Look(topic, keepers, TimeLeft(record, keepers), calls, time => ToKeep(topic, record, time));
    }

    /// <summary>Returns a request that makes a gateway keep a topic for as long as this silo would; null if its log ends soon.</summary>
    public KeepRequest? ToKeep(TopicKey topic, Subscribers? keepers)
    {
        var record = _records[topic];
        var time = TimeLeft(record, keepers);
        return ballot is null || time <= LaneRouter.KeepUnwantedFor ? null : ToKeep(topic, record, time);
    }

    /// <summary>Forgets what is too old of a topic, and ends its log if its last keeper left some time ago.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="keptNow">The number of its keepers.</param>
    /// <param name="endsSoon">Whether the next sweep should come soon.</param>
    /// <returns>Whether the topic has a log.</returns>
    public bool Sweep(TopicKey topic, int keptNow, out bool endsSoon)
    {
        endsSoon = false;
        if (!_records.TryGetValue(topic, out var record))
        {
            return false;
        }

        record.Sweep();
        if (keptNow > 0)
        {
            return true;
        }

        if (timeProvider.GetTimestamp() <= record.KeepUntil)
        {
            endsSoon = record.KeepUntil <= After(LaneRouter.KeepUnwantedFor);
            return true;
        }

        record.End();
        _records.Remove(topic);
        _ended++;
        _holders?.Forget(topic);
        return false;
    }

    /// <summary>Ends all logs, at the end of the activation.</summary>
    public void End()
    {
        foreach (var record in _records.Values)
        {
            record.End();
        }

        _records.Clear();
    }

    private void AskSoon(TopicKey topic) => (_holders ??= new LaneHolders(timeProvider)).AskSoon(topic);

    private KeepRequest ToKeep(TopicKey topic, TopicRecord record, TimeSpan time) => new(topic, ballot!, record.Table.ToWire(timeProvider), record.Head, time);

    // The log stays for a window after the lease of a keeper has ended.
    private TimeSpan TimeLeft(TopicRecord record, Subscribers? keepers) => keepers is { KeptBy: > 0 }
        ? logs.Window
        : TimeSpan.FromSeconds((double)(record.KeepUntil - timeProvider.GetTimestamp()) / timeProvider.TimestampFrequency);

    private long After(TimeSpan time) => timeProvider.GetTimestamp() + (long)(time.TotalSeconds * timeProvider.TimestampFrequency);

    /// <summary>Represents a batch in which signals have ids that the logs did not know.</summary>
    /// <remarks>
    /// A gateway may refuse such a signal, because it knows the id for another message. Then its place becomes void. A known id is refused as well if it was
    /// used for another message later; this must not change the first message.
    /// </remarks>
    private sealed class WithNewIds(SignalBatch batch, long acceptedAt, (TopicRecord Record, long Offset, Guid IdHash)[] newIds) : AcceptedBatch(batch, acceptedAt)
    {
        protected override void Refused(int signal)
        {
            if (newIds[signal].Record is { } record)
            {
                record.Void(newIds[signal].Offset, newIds[signal].IdHash);
            }
        }
    }
}
