using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Hands what silos deliver to the node, each signal once. A publisher that hears nothing sends again, perhaps through another silo, so
/// the same signal may come twice; it has the same sequence then, and is answered as it was the first time.
/// </summary>
/// <remarks>
/// Within one publisher and lane, sequences arrive rising, with gaps where a signal was not for this gateway. What is not higher than
/// the last is a repeat. Counts are kept until the publisher says that it will not ask again.
/// <para>
/// A lane is forgotten a minute after its last batch when the publisher has said, through any lane, that it repeats nothing of it; a
/// publisher that has said nothing may be waiting for a silo to come back, and gives up itself after nine minutes
/// (<see cref="LaneOutbox.KeepPlacedFor"/>): then after ten.
/// </para>
/// </remarks>
internal sealed class LaneDeduplicator(ISignalSink sink, WantedTopics wanted, TimeProvider timeProvider)
{
    private static readonly TimeSpan KeepSettledFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeepFor = LaneOutbox.KeepPlacedFor + TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Publisher> _publishers = new();
    private readonly ConcurrentDictionary<(Guid Publisher, Lane Lane), Memory> _memories = new();
    private long _sweptAt = timeProvider.GetTimestamp();

    /// <summary>How many publishers' lanes are remembered.</summary>
    public int Count => _memories.Count;

    /// <summary>How many publishers are remembered.</summary>
    public int PublisherCount => _publishers.Count;

    public GatewayAnswer[] Deliver(SignalBatch[] batches)
    {
        SweepNowAndThen();
        var answers = new GatewayAnswer[batches.Sum(batch => batch.Signals.Length)];
        var at = 0;
        foreach (var batch in batches)
        {
            if (batch.Lane.Scope is TopicScope.Canary)
            {
                at += batch.Signals.Length; // for this gateway, not for its connections: nothing to remember
                continue;
            }

            _publishers.GetOrAdd(batch.Publisher, static _ => new Publisher()).RecordContact(batch.SettledThrough, timeProvider.GetTimestamp());
            DeliverOne(batch, answers.AsSpan(at, batch.Signals.Length));
            at += batch.Signals.Length;
        }

        return answers;
    }

    private void DeliverOne(SignalBatch batch, Span<GatewayAnswer> answers)
    {
        while (true)
        {
            var memory = _memories.GetOrAdd((batch.Publisher, batch.Lane), static _ => new Memory());
            lock (memory)
            {
                if (memory.IsSwept)
                {
                    continue;
                }

                memory.UsedAt = timeProvider.GetTimestamp();
                memory.Forget(batch.AcknowledgedThrough);
                for (var i = 0; i < answers.Length; i++)
                {
                    var delivery = Once(memory, batch.Signals[i]);
                    var (isWanted, number) = wanted.Ask(batch.Signals[i].Topic);
                    answers[i] = new GatewayAnswer(delivery.Status.ToWire(), delivery.Connections, isWanted, number);
                }

                return;
            }
        }
    }

    private Delivery Once(Memory memory, SignalEnvelope envelope)
    {
        if (envelope.Sequence <= memory.LastSequence)
        {
            return memory.Recall(envelope.Sequence);
        }

        var signal = envelope.ToSignal();
        Delivery delivery = default;
        sink.Deliver(new ReadOnlySpan<Signal>(in signal), new Span<Delivery>(ref delivery));
        memory.Remember(envelope.Sequence, delivery);
        return delivery;
    }

    private void SweepNowAndThen()
    {
        var now = timeProvider.GetTimestamp();
        var sweptAt = Volatile.Read(ref _sweptAt);
        if (timeProvider.GetElapsedTime(sweptAt, now) < KeepSettledFor / 4 || Interlocked.CompareExchange(ref _sweptAt, now, sweptAt) != sweptAt)
        {
            return;
        }

        foreach (var (key, memory) in _memories)
        {
            lock (memory)
            {
                var isSettled = _publishers.TryGetValue(key.Publisher, out var publisher) && memory.LastSequence <= publisher.SettledThrough;
                if (timeProvider.GetElapsedTime(memory.UsedAt, now) > (isSettled ? KeepSettledFor : KeepFor))
                {
                    memory.IsSwept = true;
                    _memories.TryRemove(key, out _);
                }
            }
        }

        foreach (var (id, publisher) in _publishers)
        {
            if (timeProvider.GetElapsedTime(publisher.HeardAt, now) > KeepFor)
            {
                _publishers.TryRemove(id, out _);
            }
        }
    }

    /// <summary>What a publisher has said last. Its batches come through several silos, so two may be said at once.</summary>
    private sealed class Publisher
    {
        private long _settledThrough;
        private long _heardAt;

        public long SettledThrough => Volatile.Read(ref _settledThrough);

        public long HeardAt => Volatile.Read(ref _heardAt);

        public void RecordContact(long settledThrough, long now)
        {
            Volatile.Write(ref _heardAt, now);
            var known = SettledThrough;
            while (settledThrough > known)
            {
                var seen = Interlocked.CompareExchange(ref _settledThrough, settledThrough, known);
                if (seen == known)
                {
                    return;
                }

                known = seen;
            }
        }
    }

    private sealed class Memory
    {
        private readonly Queue<(long Sequence, Delivery Delivery)> _deliveries = new();

        public long LastSequence { get; private set; }

        public long UsedAt { get; set; }

        public bool IsSwept { get; set; }

        public void Remember(long sequence, Delivery delivery)
        {
            LastSequence = sequence;
            _deliveries.Enqueue((sequence, delivery));
        }

        public Delivery Recall(long sequence)
        {
            foreach (var known in _deliveries)
            {
                if (known.Sequence == sequence)
                {
                    return known.Delivery;
                }
            }

            // It was not for this gateway when it was placed first, and later ones were: whoever came since joined after it.
            return new Delivery(ReceiptStatus.Delivered, 0);
        }

        public void Forget(long through)
        {
            while (_deliveries.TryPeek(out var oldest) && oldest.Sequence <= through)
            {
                _deliveries.Dequeue();
            }
        }
    }
}
