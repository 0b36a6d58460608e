using System.Collections.Concurrent;
using Direct.Edge.Backplane;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Passes signals from silos to the node, each once. A publisher that gets no answer sends again, possibly through another silo, so the same signal
/// may arrive twice. A repeat has the same sequence, and gets the same answer as the first.
/// </summary>
/// <remarks>
/// Within one publisher and lane, sequences arrive in ascending order, with gaps where a signal was not for this gateway. A sequence that is not
/// higher than the last one is a repeat. Counts are kept until the publisher reports that it will not repeat them. This is the scheme of idempotent
/// producers.
/// <para>
/// On a keeper this is decided for the original dialect alone. A repeat that has a place in a log is passed on too, because members that speak
/// <c>direct.2</c> know it by that place: several topics share a lane, so a lower sequence may be new to this gateway. Its count is that of the first
/// delivery to the original dialect, and of the entry in the log.
/// </para>
/// <para>
/// A lane is forgotten a minute after its last batch if the publisher has reported, through any lane, that it repeats nothing of it. Without such a
/// report it is forgotten after ten minutes: the publisher may be waiting for a silo, and gives up after nine minutes
/// (<see cref="LaneOutbox.KeepAcceptedFor"/>).
/// </para>
/// </remarks>
internal sealed class LaneDeduplicator(ISignalSink sink, WantedTopics wanted, LanePromises promises, TimeProvider timeProvider)
{
    private static readonly TimeSpan KeepSettledFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KeepFor = LaneOutbox.KeepAcceptedFor + TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Publisher> _publishers = new();
    private readonly ConcurrentDictionary<(Guid Publisher, Lane Lane), Memory> _memories = new();
    private long _sweptAt = timeProvider.GetTimestamp();

    /// <summary>Gets the number of lanes of publishers that are remembered.</summary>
    public int Count => _memories.Count;

    /// <summary>Gets the number of publishers that are remembered.</summary>
    public int PublisherCount => _publishers.Count;

    public GatewayAnswer[] Deliver(SignalBatch[] batches) => Deliver(batches, out _);

    /// <param name="batches">The batches.</param>
    /// <param name="visible">
    /// Completes when more of a log is known, if earlier messages of it are missing; otherwise null. The batches must not be acknowledged before another delivery
    /// of them says so.
    /// </param>
    public GatewayAnswer[] Deliver(SignalBatch[] batches, out Task? visible)
    {
        SweepNowAndThen();
        List<Task>? hidden = null;
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
            DeliverUnlessSuperseded(batch, answers.AsSpan(at, batch.Signals.Length), ref hidden);
            at += batch.Signals.Length;
        }

        visible = hidden is null ? null : Task.WhenAll(hidden);
        return answers;
    }

    // The lock of the lane is held meanwhile, so that an answer to a higher ballot contains the whole batch, or the batch is refused.
    private void DeliverUnlessSuperseded(SignalBatch batch, Span<GatewayAnswer> answers, ref List<Task>? hidden)
    {
        if (batch.Ballot is null)
        {
            DeliverOne(batch, answers, ref hidden);
            return;
        }

        using var entry = promises.Enter(batch.Lane, batch.Ballot);
        if (entry.IsAllowed)
        {
            DeliverOne(batch, answers, ref hidden);
        }
        else
        {
            answers.Fill(new GatewayAnswer(DeliveryStatus.Superseded, 0, IsWanted: false, 0));
        }
    }

    private void DeliverOne(SignalBatch batch, Span<GatewayAnswer> answers, ref List<Task>? hidden)
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
                    var delivery = sink.Follows ? Stamped(memory, batch, i, ref hidden) : Once(memory, batch.Signals[i]);
                    var (isWanted, number) = wanted.Get(batch.Signals[i].Topic);
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

    private Delivery Stamped(Memory memory, SignalBatch batch, int index, ref List<Task>? hidden)
    {
        var envelope = batch.Signals[index];
        Delivery? first = envelope.Sequence <= memory.LastSequence ? memory.Recall(envelope.Sequence) : null;
        var stamping = batch.StampingOf(index);
        if (first is { } known && stamping.Stamp == Stamp.None)
        {
            return known;
        }

        var delivery = sink.Deliver(envelope.ToSignal(), stamping, first);
        if (first is null)
        {
            memory.Remember(envelope.Sequence, delivery.Original);
        }

        if (delivery.Visible is { } visible)
        {
            (hidden ??= []).Add(visible.InContext());
        }

        return delivery.Total;
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
            if (timeProvider.GetElapsedTime(publisher.LastContactAt, now) > KeepFor)
            {
                _publishers.TryRemove(id, out _);
            }
        }
    }

    /// <summary>Represents the last report of a publisher. Its batches come through several silos, so two reports may arrive at once.</summary>
    private sealed class Publisher
    {
        private long _settledThrough;
        private long _lastContactAt;

        public long SettledThrough => Volatile.Read(ref _settledThrough);

        public long LastContactAt => Volatile.Read(ref _lastContactAt);

        public void RecordContact(long settledThrough, long now)
        {
            Volatile.Write(ref _lastContactAt, now);
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

            // The signal was not for this gateway when it was accepted first, and later signals were. Connections that came since have joined after
            // it.
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
