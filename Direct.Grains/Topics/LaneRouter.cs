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
internal sealed class LaneRouter(ILiveGateways gateways, IMemoryWatch memory, GrainMetrics metrics, TimeProvider timeProvider, Guid silo = default)
{
    /// <summary>Specifies the time that a publish call waits for receipts before it answers without them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Specifies the time that a topic without subscribers is kept after its last use. It is longer than a subscribe call can be in flight (its response
    /// timeout, after which Orleans drops it). Otherwise a late call would count as the newest, and its subscription would never end.
    /// </summary>
    public static readonly TimeSpan KeepUnwantedFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CollectFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepReceiptsFor = TimeSpan.FromMinutes(1);
    private static readonly PublishAnswer NotReady = new(PublishStatus.NotReady, Guid.Empty, [], [], false);

    private readonly Lock _gate = new();
    private readonly Dictionary<TopicKey, Subscribers> _topics = [];
    private readonly Dictionary<(Guid Publisher, long Sequence), AcceptedBatch> _answeredEarly = []; // answered before all receipts had arrived
    private readonly Guid _epoch = Guid.NewGuid();
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

    /// <summary>Gets the time since the last use.</summary>
    public TimeSpan UnusedFor => timeProvider.GetElapsedTime(Volatile.Read(ref _usedAt));

    /// <summary>Gets whether the lane is empty and has not been used for <see cref="KeepUnwantedFor"/>.</summary>
    public bool IsIdle => IsEmpty && UnusedFor > KeepUnwantedFor;

    /// <summary>Gets whether the last sweep kept entries that the next one will probably remove.</summary>
    public bool HasUnwanted { get; private set; }

    private bool HasNothing => _topics.Count == 0 && _answeredEarly.Count == 0 && _unacknowledged == 0;

    public bool Subscribe(TopicKey topic, Guid gateway, long number)
    {
        if (gateways.IsFenced)
        {
            return false;
        }

        lock (_gate)
        {
            if (memory.Pressure is not MemoryPressure.None && !_topics.ContainsKey(topic))
            {
                metrics.SubscriptionRefused();
                return false;
            }

            Count(subscriptions: Find(topic).Apply(gateway, isWanted: true, number));
            return true;
        }
    }

    public void Unsubscribe(TopicKey topic, Guid gateway, long number)
    {
        lock (_gate)
        {
            if (_topics.TryGetValue(topic, out var subscribers))
            {
                Count(subscriptions: subscribers.Apply(gateway, isWanted: false, number));
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
        lock (_gate)
        {
            refusal = TryRefuse(batch, expectedEpoch);
            if (refusal is not null)
            {
                return null;
            }

            var spans = LaneTrace.Start(ref batch);
            var accepted = Accept(batch);
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

            return accepted;
        }
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
                Count(subscriptions: -subscribers.KeepOnly(gateways.Links));
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
            Count(topics: -_topics.Count, subscriptions: -_topics.Values.Sum(static subscribers => subscribers.WantedBy));
            _isClosed = true;
        }
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
            if (accepted.IsAcknowledged || (accepted.IsSlow && !evenIfSlow))
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
        var accepted = new AcceptedBatch(batch, timeProvider.GetTimestamp());
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
            for (var i = 0; i < answers.Length; i++)
            {
                var topic = delivery.Batch.Signals[i].Topic;
                if (topic.Scope is not (TopicScope.All or TopicScope.Lobby))
                {
                    Count(subscriptions: Find(topic).Apply(delivery.Gateway.Id, answers[i].IsWanted, answers[i].Number));
                }
            }

            delivery.Accepted.Answered(delivery.Gateway, delivery.Indexes, answers);
            _unacknowledged -= delivery.Accepted.IsAcknowledged ? 1 : 0;
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

        public SignalBatch Batch { get; } = indexes is null ? batch : batch with { Signals = Array.ConvertAll(indexes, index => batch.Signals[index]) };

        public void Answered(ReadOnlySpan<GatewayAnswer> answers) => router.Answered(this, answers);

        public void Abandoned() => router.Answered(this, []);
    }
}
