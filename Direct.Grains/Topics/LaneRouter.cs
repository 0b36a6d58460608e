using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Memory;
using Direct.Timing;

namespace Direct.Grains.Topics;

/// <summary>
/// Everything a lane grain does, as a plain class. Called in the turns of one activation, never from two threads at once.
/// </summary>
/// <remarks>
/// A publish is one turn up to the point where the batch stands in every link's queue: that is its place in the order. What follows -
/// answers, receipts - may interleave with other calls.
/// </remarks>
internal sealed class LaneRouter(ILiveGateways gateways, IMemoryWatch memory, GrainMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>How long a publish waits for its receipts before it answers without them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long what nobody wants is remembered after its last use. Longer than a call to subscribe can be under way (its response timeout,
    /// after which Orleans drops it): a late one would be taken for the newest word, and the topic wanted for ever.
    /// </summary>
    public static readonly TimeSpan KeepUnwantedFor = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CollectFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepReceiptsFor = TimeSpan.FromMinutes(1);
    private static readonly PublishAnswer NotReady = new(PublishStatus.NotReady, Guid.Empty, [], [], false);

    private readonly Dictionary<TopicKey, Subscribers> _topics = [];
    private readonly Dictionary<(Guid Publisher, long Sequence), PlacedBatch> _placed = [];
    private readonly Guid _epoch = Guid.NewGuid();
    private long _usedAt = timeProvider.GetTimestamp();
    private bool _isClosed;

    /// <summary>How many topics it remembers something about.</summary>
    public int TopicCount => _topics.Count;

    /// <summary>Whether it remembers nothing, so that nothing is lost when its activation ends.</summary>
    public bool IsEmpty => _topics.Count == 0 && _placed.Count == 0;

    /// <summary>Whether it is empty and has not been used for a while.</summary>
    public bool IsIdle => IsEmpty && timeProvider.GetElapsedTime(_usedAt) > KeepUnwantedFor;

    /// <summary>Whether the last sweep has left something that the next will probably find too old.</summary>
    public bool HasUnwanted { get; private set; }

    public bool Subscribe(TopicKey topic, Guid gateway, long number)
    {
        if (gateways.IsFenced)
        {
            return false;
        }

        if (memory.Pressure is not MemoryPressure.None && !_topics.ContainsKey(topic))
        {
            metrics.SubscriptionRefused();
            return false;
        }

        Count(subscriptions: Find(topic).Told(gateway, isWanted: true, number));
        return true;
    }

    public void Unsubscribe(TopicKey topic, Guid gateway, long number)
    {
        if (_topics.TryGetValue(topic, out var subscribers))
        {
            Count(subscriptions: subscribers.Told(gateway, isWanted: false, number));
            subscribers.UsedAt = timeProvider.GetTimestamp();
        }
    }

    public async ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        if (gateways.IsFenced)
        {
            metrics.Refused("fenced");
            return NotReady;
        }

        if (expectedEpoch != Guid.Empty && expectedEpoch != _epoch)
        {
            metrics.Refused("other_epoch");
            return OtherEpoch();
        }

        if (gateways.IsFull || (memory.Pressure >= MemoryPressure.Critical && IsEmpty && batch.Lane.Scope is not (TopicScope.All or TopicScope.Lobby)))
        {
            metrics.Refused("memory");
            return NotReady;
        }

        var spans = LaneTrace.Start(ref batch);
        var placed = Place(batch);
        LaneTrace.End(spans, placed.Gateways);
        metrics.Placed(batch.Signals.Length);
        if (!placed.Acknowledged.IsCompleted && !placed.Pending.All(gateway => gateway.IsStuck(batch.Lane)))
        {
            await placed.Acknowledged.TryWaitAsync(Patience, timeProvider);
        }

        return Answer(placed);
    }

    public async ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence)
    {
        if (!_placed.TryGetValue((publisher, sequence), out var placed))
        {
            return OtherEpoch();
        }

        await placed.Acknowledged.TryWaitAsync(CollectFor, timeProvider);
        return Answer(placed);
    }

    /// <summary>Forgets what nobody has wanted or asked for in a while.</summary>
    public void Sweep()
    {
        var now = timeProvider.GetTimestamp();
        HasUnwanted = _placed.Count > 0;
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

        foreach (var (key, placed) in _placed)
        {
            if (timeProvider.GetElapsedTime(placed.PlacedAt, now) > KeepReceiptsFor)
            {
                _placed.Remove(key);
            }
        }
    }

    /// <summary>The activation ends: what it remembers counts no more, whatever answers still come.</summary>
    public void Close()
    {
        Count(topics: -_topics.Count, subscriptions: -_topics.Values.Sum(static subscribers => subscribers.WantedBy));
        _isClosed = true;
    }

    private PublishAnswer OtherEpoch() => new(PublishStatus.OtherEpoch, _epoch, [], [], false);

    // Checked again here: a silo that was cut off meanwhile may have missed a gateway that came in the meantime.
    private PublishAnswer Answer(PlacedBatch placed)
    {
        if (gateways.IsFenced)
        {
            return NotReady;
        }

        if (placed.Acknowledged.IsCompleted)
        {
            _placed.Remove((placed.Publisher, placed.FirstSequence));
        }

        return placed.Answer(_epoch);
    }

    private PlacedBatch Place(SignalBatch batch)
    {
        var placed = new PlacedBatch(batch, timeProvider.GetTimestamp());
        _placed[(placed.Publisher, placed.FirstSequence)] = placed;
        _usedAt = placed.PlacedAt;
        foreach (var gateway in gateways.Links)
        {
            var indexes = IndexesFor(gateway, batch);
            if (indexes.Count > 0)
            {
                placed.Expect(gateway);
                var part = indexes.Count == batch.Signals.Length ? batch : batch with { Signals = [.. indexes.Select(i => batch.Signals[i])] };
                _ = AwaitAnswerAsync(placed, gateway, indexes, part, gateway.Send(part));
            }
        }

        CompleteTopics(batch, placed);
        placed.AllExpected();
        return placed;
    }

    // A repeat goes to every gateway: one that took it the first time counts, even if it wants no more of the topic since.
    private List<int> IndexesFor(IGatewayLink gateway, SignalBatch batch)
    {
        var indexes = new List<int>(batch.Signals.Length);
        for (var i = 0; i < batch.Signals.Length; i++)
        {
            if (batch.IsRepeat || MustGoTo(gateway, batch.Signals[i]))
            {
                indexes.Add(i);
            }
        }

        return indexes;
    }

    // A signal with an id goes to every gateway, because any of them may have taken it the first time and must say so.
    private bool MustGoTo(IGatewayLink gateway, SignalEnvelope signal) =>
        signal.SignalId is not null
        || signal.Topic.Scope is TopicScope.All or TopicScope.Lobby
        || Find(signal.Topic).MayWant(gateway);

    // Once everyone who was asked about a topic has answered, the cache is complete: whoever comes later subscribes first.
    private void CompleteTopics(SignalBatch batch, PlacedBatch placed)
    {
        foreach (var signal in batch.Signals)
        {
            if (signal.Topic.Scope is TopicScope.All or TopicScope.Lobby)
            {
                continue;
            }

            var subscribers = Find(signal.Topic);
            if (!subscribers.IsComplete)
            {
                _ = CompleteAsync(subscribers, placed);
            }
        }
    }

    private static async Task CompleteAsync(Subscribers subscribers, PlacedBatch placed)
    {
        await placed.Acknowledged;
        subscribers.IsComplete = true;
    }

    private async Task AwaitAnswerAsync(
        PlacedBatch placed, IGatewayLink gateway, List<int> indexes, SignalBatch part, Task<GatewayAnswer[]?> answering)
    {
        var answers = await answering;
        for (var i = 0; answers is not null && i < answers.Length; i++)
        {
            var topic = part.Signals[i].Topic;
            if (topic.Scope is not (TopicScope.All or TopicScope.Lobby))
            {
                Count(subscriptions: Find(topic).Told(gateway.Id, answers[i].IsWanted, answers[i].Number));
            }
        }

        placed.Answered(gateway, indexes, answers);
    }

    private Subscribers Find(TopicKey topic)
    {
        if (!_topics.TryGetValue(topic, out var subscribers))
        {
            _topics.Add(topic, subscribers = new Subscribers());
            Count(topics: 1);
        }

        _usedAt = subscribers.UsedAt = timeProvider.GetTimestamp();
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
}
