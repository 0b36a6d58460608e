using Direct.Collections;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Memory;
using Direct.Timing;

namespace Direct.Grains.Topics;

/// <summary>
/// Implements a lane grain as a plain class. The grain and the publishers of its silo call it; a lock replaces the grain's turns.
/// </summary>
/// <remarks>
/// The order of a batch is fixed when it is in the queue of every link, which happens under the lock. Answers and receipts come later and may
/// interleave with other calls.
/// </remarks>
internal sealed partial class LaneRouter(
    ILiveGateways gateways, IMemoryWatch memory, GrainMetrics metrics, LaneLogs logs, TimeProvider timeProvider, Guid silo = default)
{
    /// <summary>Specifies the time that a publish call waits for receipts before it answers without them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Specifies the time that a topic without subscribers is kept after its last use. It is longer than a subscribe call can be in flight (its response
    /// timeout, after which Orleans drops it). Otherwise a late call would count as the newest, and its subscription would never end.
    /// </summary>
    public static readonly TimeSpan KeepUnwantedFor = TimeSpan.FromSeconds(5);

    /// <summary>Represents the answer to a batch that is not accepted at present.</summary>
    public static readonly PublishAnswer NotReady = new(PublishStatus.NotReady, Guid.Empty, [], [], false);

    private static readonly TimeSpan CollectFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepReceiptsFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<TopicKey, Subscribers> _topics = [];
    private readonly Dictionary<(Guid Publisher, long Sequence), AcceptedBatch> _answeredEarly = []; // answered before all receipts had arrived
    private readonly Guid _epoch = RandomIds.NewGuid();
    private LaneLog? _log; // null while no gateway has kept a topic of the lane
    private long _usedAt = timeProvider.GetTimestamp();
    private int _unacknowledged;
    private bool _isClosed;

    /// <summary>Gets the number of topics that the lane keeps subscribers of.</summary>
    public int TopicCount
    {
        get
        {
            lock (_gate)
            {
                return _topics.Count;
            }
        }
    }

    /// <summary>Gets whether the lane holds no state, so that nothing is lost when its activation ends.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return HasNothing;
            }
        }
    }

    /// <summary>Gets the random id of the activation.</summary>
    public Guid Epoch => _epoch;

    /// <summary>Gets whether a gateway has promised a higher ballot, because a later activation leads the lane. The router is closed then.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Gets the time since the last use.</summary>
    public TimeSpan UnusedFor => timeProvider.GetElapsedTime(Volatile.Read(ref _usedAt));

    /// <summary>Gets whether the lane is empty and has not been used for <see cref="KeepUnwantedFor"/>.</summary>
    public bool IsIdle => IsEmpty && UnusedFor > KeepUnwantedFor;

    /// <summary>Gets whether the last sweep kept entries that the next one will probably remove.</summary>
    public bool HasUnwanted { get; private set; }

    /// <summary>Gets whether the lane has records of kept topics, which would be lost if the activation ended.</summary>
    public bool HasRecords
    {
        get
        {
            lock (_gate)
            {
                return _log is { Count: > 0 };
            }
        }
    }

    /// <summary>Gets whether gateways keep or have kept topics of the lane, so that there is nothing to recover.</summary>
    public bool HasLog => Volatile.Read(ref _log) is not null;

    private bool HasNothing => _topics.Count == 0 && _answeredEarly.Count == 0 && _unacknowledged == 0;

    public bool Subscribe(TopicKey topic, Guid gateway, long number)
    {
        if (gateways.IsFenced)
        {
            return false;
        }

        lock (_gate)
        {
            if (_isClosed)
            {
                return false; // the gateway tries again, and reaches the next activation
            }

            if (memory.Pressure is not MemoryPressure.None && !_topics.ContainsKey(topic))
            {
                metrics.SubscriptionRefused();
                return false;
            }

            Apply(topic, Find(topic), gateway, isWanted: true, number, keeps: false);
            return true;
        }
    }

    /// <summary>Subscribes a gateway as <see cref="Subscribe"/> does, and as a keeper. The log of the topic begins now, unless there is one.</summary>
    public KeptAnswer SubscribeKept(TopicKey topic, Guid gateway, long number)
    {
        if (gateways.IsFenced || topic.Scope is TopicScope.Lobby)
        {
            return KeptAnswer.NotReady;
        }

        lock (_gate)
        {
            if (_isClosed)
            {
                return KeptAnswer.NotReady;
            }

            if (memory.Pressure is not MemoryPressure.None && !_topics.ContainsKey(topic))
            {
                metrics.SubscriptionRefused();
                return KeptAnswer.NotReady;
            }

            var subscribers = Find(topic);
            Apply(topic, subscribers, gateway, isWanted: true, number, keeps: true);
            if (!subscribers.IsKeptBy(gateway))
            {
                return KeptAnswer.NotReady; // a late call
            }

            if (_log is null)
            {
                _log = new LaneLog(logs, _gate, ballot: null, timeProvider);
                logs.Holders.Add(this);
            }

            return _log.Keep(topic);
        }
    }

    /// <summary>
    /// Returns messages of a kept topic, as far as the tail has them. A request with a higher ballot closes the router as a refused delivery does: its gateway takes nothing from
    /// this activation.
    /// </summary>
    public TailPage Fetch(FetchRequest request)
    {
        lock (_gate)
        {
            return MayAnswer(request) ? _log!.Fetch(request) : TailPage.NotReady;
        }
    }

    /// <summary>Returns headers of a kept topic.</summary>
    public HeaderPage FetchHeaders(FetchRequest request)
    {
        lock (_gate)
        {
            return MayAnswer(request) ? _log!.FetchHeaders(request) : HeaderPage.NotReady;
        }
    }

    /// <summary>Continues the logs that gateways have kept, before the router accepts or keeps anything. From now on each batch has the ballot.</summary>
    public void Restore(RecoveredLane recovered)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            if (_log is not null)
            {
                throw new InvalidOperationException("The logs of this lane have begun already.");
            }

            _log = new LaneLog(logs, _gate, recovered.Ballot, timeProvider);
            logs.Holders.Add(this);
            foreach (var topic in recovered.Topics)
            {
                var subscribers = Find(topic.Topic);
                foreach (var (gateway, number) in topic.Keepers)
                {
                    Count(subscriptions: subscribers.Apply(gateway, isWanted: true, number, keeps: true));
                }

                _log.Restore(topic);
            }
        }
    }

    /// <summary>Adds messages in front of the tail of a topic, which a gateway has kept.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="epoch">The open epoch that the log had when it was restored.</param>
    /// <param name="messages">Messages that end where the tail begins, contiguous and in ascending order.</param>
    /// <returns>The offset of the last message that is still missing in front of the tail; 0 if nothing is missing, there is no space, or the log has ended.</returns>
    public long Refill(TopicKey topic, long epoch, IReadOnlyList<KeptMessage> messages)
    {
        lock (_gate)
        {
            return _isClosed || _log is null ? 0 : _log.Refill(topic, epoch, messages);
        }
    }

    public void Unsubscribe(TopicKey topic, Guid gateway, long number)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(topic, out var subscribers))
            {
                Apply(topic, subscribers, gateway, isWanted: false, number);
                subscribers.UsedAt = timeProvider.GetTimestamp();
            }
        }
    }

    /// <summary>Accepts a batch and waits for its receipts, <see cref="Patience"/> at most.</summary>
    public async ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        if (Accept(batch, expectedEpoch, out var refusal) is not { } accepted)
        {
            return refusal!;
        }

        gateways.Flush();
        await AcknowledgedAsync(accepted, Patience);
        return Answer(accepted);
    }

    /// <summary>Accepts a batch: it leaves with the next flush of the links. Returns null if it is refused.</summary>
    /// <param name="batch">A batch of this lane.</param>
    /// <param name="expectedEpoch">See <see cref="ILaneGrain.PublishAsync"/>.</param>
    /// <param name="refusal">The answer for the publisher of a refused batch.</param>
    /// <param name="onAcknowledged">Called when all receipts have arrived, or at once if all missing ones are of gateways that do not answer.</param>
    public AcceptedBatch? Accept(SignalBatch batch, Guid expectedEpoch, out PublishAnswer? refusal, Action? onAcknowledged = null)
    {
        AcceptedBatch accepted;
        lock (_gate)
        {
            refusal = TryRefuse(batch, expectedEpoch);
            if (refusal is not null)
            {
                return null;
            }

            var spans = LaneTrace.Start(ref batch);
            accepted = Accept(batch);
            LaneTrace.End(spans, accepted.Gateways);
            metrics.Accepted(batch.Signals.Length);
            if (accepted.IsSlow)
            {
                onAcknowledged?.Invoke();
            }
            else if (onAcknowledged is not null)
            {
                accepted.OnAcknowledged(onAcknowledged);
            }
        }

        if (HasLog)
        {
            logs.Budget.TrimAfterPublish();
        }

        return accepted;
    }

    /// <summary>Returns the answer to a batch that was accepted, with the receipts that have arrived.</summary>
    /// <remarks>The fence is checked again: a silo that was cut off meanwhile may have missed a new gateway.</remarks>
    public PublishAnswer Answer(AcceptedBatch accepted)
    {
        if (gateways.IsFenced)
        {
            return NotReady;
        }

        lock (_gate)
        {
            if (accepted.IsSuperseded)
            {
                return OtherEpoch();
            }

            // A call that was given up may arrive after its repeat. The publisher collects the receipts of the repeat, which went to more gateways.
            var key = (accepted.Publisher, accepted.FirstSequence);
            var isOvertaken = !accepted.IsRepeat && _answeredEarly.TryGetValue(key, out var other) && other.IsRepeat;
            if (isOvertaken)
            {
                return accepted.Answer(_epoch, silo);
            }

            if (accepted.IsAcknowledged)
            {
                _answeredEarly.Remove(key);
            }
            else
            {
                _answeredEarly[key] = accepted;
            }

            return accepted.Answer(_epoch, silo);
        }
    }

    public async ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence)
    {
        AcceptedBatch? accepted;
        lock (_gate)
        {
            if (!_answeredEarly.TryGetValue((publisher, sequence), out accepted))
            {
                return OtherEpoch();
            }
        }

        await AcknowledgedAsync(accepted, CollectFor, evenIfSlow: true);
        return Answer(accepted);
    }

    /// <summary>Removes topics without subscribers, and receipts that nobody has collected, after a time.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            var now = timeProvider.GetTimestamp();
            HasUnwanted = _answeredEarly.Count > 0;
            foreach (var (topic, subscribers) in _topics)
            {
                ForgetDeparted(topic, subscribers);
                if (_log is not null && _log.Sweep(topic, subscribers.KeptBy, out var endsSoon))
                {
                    HasUnwanted |= endsSoon;
                    continue;
                }

                if (subscribers.IsWanted)
                {
                    continue;
                }

                if (timeProvider.GetElapsedTime(subscribers.UsedAt, now) > KeepUnwantedFor)
                {
                    _topics.Remove(topic);
                    Count(topics: -1);
                }
                else
                {
                    HasUnwanted = true;
                }
            }

            foreach (var (key, accepted) in _answeredEarly)
            {
                if (timeProvider.GetElapsedTime(accepted.AcceptedAt, now) > KeepReceiptsFor)
                {
                    _answeredEarly.Remove(key);
                }
            }
        }
    }

    /// <summary>Closes the router at the end of its activation: it accepts nothing more, and its topics no longer count in the metrics.</summary>
    public void Close()
    {
        lock (_gate)
        {
            CloseOnce();
        }
    }

    // Under the gate.
    private void CloseOnce()
    {
        Count(topics: -_topics.Count, subscriptions: -_topics.Values.Sum(static subscribers => subscribers.WantedBy));
        _isClosed = true;
        _log?.End();
        logs.Holders.Remove(this);
    }

    private PublishAnswer OtherEpoch() => new(PublishStatus.OtherEpoch, _epoch, [], [], false);

    // Under the gate.
    private PublishAnswer? TryRefuse(SignalBatch batch, Guid expectedEpoch)
    {
        if (gateways.IsFenced)
        {
            metrics.Refused("fenced");
            return NotReady;
        }

        if (gateways.IsStopping)
        {
            metrics.Refused("stopping");
            return NotReady;
        }

        if (_isClosed || (expectedEpoch != Guid.Empty && expectedEpoch != _epoch))
        {
            metrics.Refused("other_epoch");
            return OtherEpoch();
        }

        if (gateways.IsFull || (memory.Pressure >= MemoryPressure.Critical && HasNothing && batch.Lane.Scope is not (TopicScope.All or TopicScope.Lobby)))
        {
            metrics.Refused("memory");
            return NotReady;
        }

        return null;
    }

    private async ValueTask AcknowledgedAsync(AcceptedBatch accepted, TimeSpan patience, bool evenIfSlow = false)
    {
        TaskCompletionSource acknowledged;
        lock (_gate)
        {
            if (accepted.IsAcknowledged || accepted.IsSuperseded || (accepted.IsSlow && !evenIfSlow))
            {
                return;
            }

            acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            accepted.OnAcknowledged(acknowledged.SetResult);
        }

        await acknowledged.Task.TryWaitAsync(patience, timeProvider);
    }

    // Under the gate.
    private AcceptedBatch Accept(SignalBatch batch)
    {
        var accepted = _log is null ? new AcceptedBatch(batch, timeProvider.GetTimestamp()) : _log.Accept(ref batch);
        Volatile.Write(ref _usedAt, accepted.AcceptedAt);
        foreach (var gateway in gateways.Links)
        {
            var count = CountFor(gateway, batch);
            if (count > 0)
            {
                accepted.Expect(gateway);
                gateway.Send(new Delivery(this, accepted, gateway, batch, count == batch.Signals.Length ? null : IndexesFor(gateway, batch, count)));
            }
        }

        CompleteTopics(batch, accepted);
        accepted.AllExpected();
        _unacknowledged += accepted.IsAcknowledged ? 0 : 1;
        return accepted;
    }

    private int CountFor(IGatewayLink gateway, SignalBatch batch)
    {
        var count = 0;
        foreach (var signal in batch.Signals)
        {
            count += MustGoTo(gateway, batch, signal) ? 1 : 0;
        }

        return count;
    }

    private int[] IndexesFor(IGatewayLink gateway, SignalBatch batch, int count)
    {
        var indexes = new int[count];
        for (int i = 0, at = 0; at < count; i++)
        {
            if (MustGoTo(gateway, batch, batch.Signals[i]))
            {
                indexes[at++] = i;
            }
        }

        return indexes;
    }

    // A repeat goes to every gateway, because one that accepted it the first time must be counted even if it has unsubscribed since. So does a signal
    // with an id, because any gateway may have accepted it the first time and must report that.
    private bool MustGoTo(IGatewayLink gateway, SignalBatch batch, SignalEnvelope signal) =>
        batch.IsRepeat
        || signal.SignalId is not null
        || signal.Topic.Scope is TopicScope.All or TopicScope.Lobby
        || Find(signal.Topic).MayWant(gateway);

    // When all gateways have answered for a topic, the cache of its subscribers is complete: a gateway that joins the topic later subscribes first.
    private void CompleteTopics(SignalBatch batch, AcceptedBatch accepted)
    {
        foreach (var signal in batch.Signals)
        {
            if (signal.Topic.Scope is not (TopicScope.All or TopicScope.Lobby) && Find(signal.Topic) is { IsComplete: false } subscribers)
            {
                accepted.OnAcknowledged(() => subscribers.IsComplete = true);
            }
        }
    }

    private void Answered(Delivery delivery, ReadOnlySpan<GatewayAnswer> answers)
    {
        lock (_gate)
        {
            if (answers is [{ Status: DeliveryStatus.Superseded }, ..])
            {
                Supersede(delivery.Accepted);
                answers = []; // they count nothing, and do not say whether the gateway wants the topics
            }

            for (var i = 0; i < answers.Length; i++)
            {
                var topic = delivery.Batch.Signals[i].Topic;
                if (topic.Scope is not (TopicScope.All or TopicScope.Lobby))
                {
                    Apply(topic, Find(topic), delivery.Gateway.Id, answers[i].IsWanted, answers[i].Number);
                }
            }

            delivery.Accepted.Answered(delivery.Gateway, delivery.Indexes, answers);
            _unacknowledged -= delivery.Accepted.IsAcknowledged ? 1 : 0;
        }
    }

    // The next activation may have recovered from a gateway that has left since, and that did not have the batch. So the batch must be sent again, through that activation.
    private void Abandoned(Delivery delivery)
    {
        lock (_gate)
        {
            if (_isClosed && _log is not null && !delivery.Accepted.IsSuperseded)
            {
                delivery.Accepted.Superseded();
            }

            Answered(delivery, []);
        }
    }

    private void Apply(TopicKey topic, Subscribers subscribers, Guid gateway, bool isWanted, long number, bool? keeps = null)
    {
        var keptBy = _log is null ? 0 : subscribers.KeptBy;
        Count(subscriptions: subscribers.Apply(gateway, isWanted, number, keeps));
        if (keptBy > 0 && subscribers.KeptBy == 0)
        {
            _log!.Released(topic);
            logs.Holders.Watch(this); // another gateway that kept the topic may have left the cluster before
        }
    }

    private bool MayAnswer(FetchRequest request)
    {
        if (_log is not null && request.Ballot > _log.Ballot)
        {
            Supersede();
        }

        return !_isClosed && !gateways.IsFenced && _log is not null;
    }

    private void Supersede(AcceptedBatch accepted)
    {
        if (!accepted.IsSuperseded)
        {
            metrics.BatchSuperseded();
            accepted.Superseded();
        }

        Supersede();
    }

    // Another activation has recovered the lane, so this one must not accept anything more. Its gateways refuse what is still on its way.
    private void Supersede()
    {
        if (!IsSuperseded)
        {
            IsSuperseded = true;
            CloseOnce();
        }
    }

    private Subscribers Find(TopicKey topic)
    {
        if (!_topics.TryGetValue(topic, out var subscribers))
        {
            _topics.Add(topic, subscribers = new Subscribers());
            Count(topics: 1);
        }

        subscribers.UsedAt = timeProvider.GetTimestamp();
        Volatile.Write(ref _usedAt, subscribers.UsedAt);
        return subscribers;
    }

    private void Count(int topics = 0, int subscriptions = 0)
    {
        if (topics != 0 && !_isClosed)
        {
            metrics.Topics(topics);
        }

        if (subscriptions != 0 && !_isClosed)
        {
            metrics.Subscriptions(subscriptions);
        }
    }

    /// <summary>Represents the part of a batch that goes to one gateway.</summary>
    /// <param name="router">Receives the answers.</param>
    /// <param name="accepted">The batch.</param>
    /// <param name="gateway">The gateway.</param>
    /// <param name="batch">The whole batch.</param>
    /// <param name="indexes">The indexes of the signals in the part; null for all.</param>
    private sealed class Delivery(LaneRouter router, AcceptedBatch accepted, IGatewayLink gateway, SignalBatch batch, int[]? indexes) : IDelivery
    {
        public AcceptedBatch Accepted => accepted;

        public IGatewayLink Gateway => gateway;

        public int[]? Indexes => indexes;

        public SignalBatch Batch { get; } = indexes is null ? batch : Part(batch, indexes);

        public void Answered(ReadOnlySpan<GatewayAnswer> answers) => router.Answered(this, answers);

        public void Abandoned() => router.Abandoned(this);

        // Without closures, which would be allocated for whole batches too.
        private static SignalBatch Part(SignalBatch batch, int[] indexes) => batch with
        {
            Signals = Select(batch.Signals, indexes),
            Stamps = batch.Stamps is null ? null : Select(batch.Stamps, indexes),
        };

        private static T[] Select<T>(T[] all, int[] indexes)
        {
            var selected = new T[indexes.Length];
            for (var i = 0; i < selected.Length; i++)
            {
                selected[i] = all[indexes[i]];
            }

            return selected;
        }
    }
}
