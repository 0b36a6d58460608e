using Direct.Edge.Backplane;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Cluster;

/// <summary>
/// What this gateway publishes through one lane: sent in order, kept until every gateway it is meant for has acknowledged it, and sent
/// again when the lane's activation is lost.
/// </summary>
/// <remarks>
/// One call is under way at a time, with all that waits in it. A call places its batch; the next one follows then, whether or not the
/// first has its receipts. Those that come late are collected on the side.
/// <para>
/// When the activation turns out to be another one, what was placed in the old one may be lost, so everything unacknowledged is sent
/// again, the oldest first, before anything new. Receivers drop what they have. What was never placed goes no further once its
/// publisher has given it up, or a broadcast's time is over; what was is kept until it is acknowledged - and for
/// <see cref="KeepPlacedFor"/> at most, because receivers cannot know repeats for ever.
/// </para>
/// <para>
/// An answer is checked before anything is changed by it. One that does not fit its batch counts as a failed try; receivers know repeats, so
/// trying again is harmless. So does whatever is thrown unexpectedly: a lane whose pump had ended would never be sent again.
/// </para>
/// <para>
/// Its bytes are bounded, so a lane that cannot be delivered slows its publishers down. Bytes that only hung gateways have not
/// acknowledged are set aside and count for the whole gateway: one that is about to be given up holds up nobody's lane.
/// </para>
/// </remarks>
internal sealed partial class LaneOutbox(Lane lane, OutboxSettings settings, Action<LaneOutbox> retired)
{
    private const int MaxBatchBytes = 256 * 1024;
    private const int MaxBatchSignals = 1000;
    private const int EnvelopeBytes = 100;

    // What a signal that waits takes of the memory besides: the objects that hold it, and its receipt.
    private const int ObjectBytes = 400;

    /// <summary>How long a signal that once had a place is repeated while no silo takes it. Receivers remember a minute longer.</summary>
    public static readonly TimeSpan KeepPlacedFor = TimeSpan.FromMinutes(9);

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Queue<Outgoing> _waiting = new();
    private readonly List<Batch> _unacknowledged = [];
    private readonly ILaneGrain _grain = lane.Grain(settings.Grains);
    private Guid _epoch;
    private int _generation;
    private long _acknowledgedThrough;
    private long _bytes;
    private bool _isPumping;
    private bool _isRetired;
    private TaskCompletionSource? _roomy;

    public Lane Lane => lane;

    /// <summary>Bytes that count for this lane.</summary>
    public long HeldBytes => Volatile.Read(ref _bytes);

    /// <summary>The lowest sequence that is held here; the highest there is when none is.</summary>
    public long OldestSequence
    {
        get
        {
            lock (_gate)
            {
                return _unacknowledged.Count > 0 ? _unacknowledged[0].FirstSequence
                    : _waiting.TryPeek(out var next) ? next.Envelope.Sequence
                    : long.MaxValue;
            }
        }
    }

    /// <summary>Puts a signal at the end. Without a receipt it is a broadcast, which nobody gives up. False when this outbox has been retired: take a new one.</summary>
    public bool TryEnqueue(in Signal signal, ClusterReceipt? receipt)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            var envelope = new SignalEnvelope(
                signal.Topic.ToKey(), signal.Target.Group, signal.Target.Channel, signal.Target.User,
                settings.NextSequence(), signal.Payload.ToArray(), signal.Id, signal.TraceParent);
            _waiting.Enqueue(new Outgoing(envelope, receipt, settings.TimeProvider.GetTimestamp()));
            _bytes += Bytes(envelope);
            settings.Held?.Add(Bytes(envelope) + ObjectBytes);
            StartPump();
            return true;
        }
    }

    /// <summary>Completes when there is room for more.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_bytes < settings.MaxLaneBytes)
            {
                return default;
            }

            _roomy ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_roomy.Task.WaitAsync(cancellationToken));
        }
    }

    private static int Bytes(SignalEnvelope envelope) => envelope.Payload.Length + EnvelopeBytes;

    // Under the gate.
    private void StartPump()
    {
        if (!_isPumping)
        {
            _isPumping = true;
            ThreadPool.UnsafeQueueUserWorkItem(static outbox => _ = outbox.PumpAsync(), this, preferLocal: false); // it does not throw
        }
    }

    private async Task PumpAsync()
    {
        var delay = FirstRetryDelay;
        while (true)
        {
            try
            {
                if (TryTakeNext() is not { } batch)
                {
                    return;
                }

                if (await TryPlaceAsync(batch))
                {
                    delay = FirstRetryDelay;
                    continue;
                }
            }
#pragma warning disable CA1031 // The top of a loop: nobody else would go on with the lane.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LaneFailed(settings.Logger, exception, lane);
            }

            await Task.Delay(delay, settings.TimeProvider);
            delay = Backoff.Next(delay, LongestRetryDelay);
        }
    }

    // The oldest batch without a place, or a new one of what waits; null when there is nothing to do, and then the pump has ended.
    private Batch? TryTakeNext()
    {
        lock (_gate)
        {
            var next = _unacknowledged.Find(static batch => !batch.IsPlaced);
            if (next is null && _waiting.Count > 0)
            {
                next = TakeWaiting();
                _unacknowledged.Add(next);
            }

            if (next is not null)
            {
                GiveUpLate(next);
                if (next.Signals.Count > 0)
                {
                    return next;
                }

                Remove(next);
                return TryTakeNext();
            }

            _isPumping = false;
            if (_unacknowledged.Count > 0)
            {
                return null;
            }

            _isRetired = true;
        }

        retired(this);
        return null;
    }

    private Batch TakeWaiting()
    {
        var batch = new Batch();
        var bytes = 0;
        while (_waiting.TryPeek(out var next) && batch.Signals.Count < MaxBatchSignals
            && (batch.Signals.Count == 0 || bytes + Bytes(next.Envelope) <= MaxBatchBytes))
        {
            bytes += Bytes(next.Envelope);
            batch.Signals.Add(_waiting.Dequeue());
        }

        return batch;
    }

    // Under the gate. What was placed once is kept for long: somebody may have been told that it is on its way.
    private void GiveUpLate(Batch batch)
    {
        if (batch.FirstPlacedAt is { } placedAt)
        {
            if (settings.TimeProvider.GetElapsedTime(placedAt) >= KeepPlacedFor)
            {
                Log.Lost(settings.Logger, batch.Signals.Count, lane, KeepPlacedFor);
                settings.Metrics.Abandoned("acknowledgement", batch.Signals.Count);
                batch.Signals.ForEach(signal => Release(batch, signal));
                batch.Signals.Clear();
            }

            return;
        }

        for (var i = 0; i < batch.Signals.Count;)
        {
            var signal = batch.Signals[i];
            if (!IsLate(signal))
            {
                i++;
                continue;
            }

            Log.GivenUp(settings.Logger, lane, signal.Receipt is not null);
            settings.Metrics.Abandoned("place", 1);
            batch.Signals.RemoveAt(i);
            Release(batch, signal);
        }
    }

    private bool IsLate(Outgoing signal) => signal.Receipt is { } receipt
        ? receipt.IsGivenUp
        : settings.TimeProvider.GetElapsedTime(signal.EnqueuedAt) >= settings.BroadcastTimeout;

    // False: nothing has changed, wait before the next try.
    private async Task<bool> TryPlaceAsync(Batch batch)
    {
        SignalBatch message;
        Guid expectedEpoch;
        int generation;
        var settledThrough = settings.SettledThrough; // not under the gate: it visits every lane, under theirs
        lock (_gate)
        {
            message = new SignalBatch(
                settings.Publisher, lane, _acknowledgedThrough, [.. batch.Signals.Select(signal => signal.Envelope)], settledThrough,
                batch.IsRepeat);
            expectedEpoch = _unacknowledged.Exists(static other => other.IsPlaced) ? _epoch : Guid.Empty;
            generation = _generation;
            if (batch.IsRepeat)
            {
                settings.Metrics.Repeated();
            }

            batch.IsRepeat = true;
        }

        PublishAnswer answer;
        try
        {
            answer = await _grain.PublishAsync(message, expectedEpoch);
        }
#pragma warning disable CA1031 // The top of a loop: whatever the call throws, the batch must be tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PublishFailed(settings.Logger, exception, lane);
            return false;
        }

        lock (_gate)
        {
            if (generation != _generation)
            {
                return true; // the epoch was lost meanwhile, and with it perhaps this very place: once more, in order
            }

            switch (answer.Status)
            {
                case PublishStatus.Placed when Fits(answer, batch):
                    _epoch = answer.Epoch;
                    batch.IsPlaced = true;
                    batch.FirstPlacedAt ??= settings.TimeProvider.GetTimestamp();
                    Tell(batch, answer);
                    if (answer.Pending.Length > 0)
                    {
                        ThreadPool.UnsafeQueueUserWorkItem(
                            static work => _ = work.Outbox.CollectAsync(work.Batch, work.Sequence, work.Generation), // it does not throw
                            (Outbox: this, Batch: batch, Sequence: batch.FirstSequence, Generation: generation),
                            preferLocal: false);
                    }

                    return true;
                case PublishStatus.OtherEpoch:
                    LoseEpoch();
                    return true;
                default:
                    return false;
            }
        }
    }

    private async Task CollectAsync(Batch batch, long sequence, int generation)
    {
        while (true)
        {
            try
            {
                if (await TryCollectAsync(batch, sequence, generation))
                {
                    return;
                }
            }
#pragma warning disable CA1031 // The top of a loop: nobody else would ask for the receipts.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LaneFailed(settings.Logger, exception, lane);
            }

            await Task.Delay(FirstRetryDelay, settings.TimeProvider);
        }
    }

    // True: there is nothing more to ask for.
    private async Task<bool> TryCollectAsync(Batch batch, long sequence, int generation)
    {
        PublishAnswer? answer = null;
        try
        {
            answer = await _grain.CollectAsync(settings.Publisher, sequence);
        }
#pragma warning disable CA1031 // Whatever the call throws, the receipts are still wanted.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PublishFailed(settings.Logger, exception, lane);
        }

        lock (_gate)
        {
            if (generation != _generation)
            {
                return true;
            }

            if (answer is { Status: PublishStatus.OtherEpoch })
            {
                LoseEpoch();
                StartPump();
                return true;
            }

            if (answer is { Status: PublishStatus.Placed } && Fits(answer, batch))
            {
                Tell(batch, answer);
                return answer.Pending.Length == 0;
            }

            if (settings.TimeProvider.GetElapsedTime(batch.FirstPlacedAt!.Value) >= KeepPlacedFor)
            {
                LoseEpoch(); // its silo has been gone for so long: the pump gives it up
                StartPump();
                return true;
            }

            return false;
        }
    }

    // Under the gate. Whether the answer has a receipt for each signal of the batch.
    private bool Fits(PublishAnswer answer, Batch batch)
    {
        if (answer is { Receipts: { } receipts, Pending: not null } && receipts.Length == batch.Signals.Count)
        {
            return true;
        }

        if (!batch.HasMalformedAnswer)
        {
            batch.HasMalformedAnswer = true;
            Log.AnswerMalformed(settings.Logger, lane, answer.Epoch, answer.Receipts?.Length ?? 0, batch.Signals.Count);
        }

        return false;
    }

    // Under the gate.
    private void Tell(Batch batch, PublishAnswer answer)
    {
        for (var i = 0; i < batch.Signals.Count; i++)
        {
            batch.Signals[i].Receipt?.Place(answer.Receipts[i], answer.Pending);
        }

        if (answer.IsHung && !batch.IsSetAside && settings.TrySetAside(batch.Bytes))
        {
            batch.IsSetAside = true;
            Release(batch.Bytes);
        }

        if (answer.Pending.Length == 0)
        {
            Remove(batch);
            if (!_isPumping && _unacknowledged.Count == 0 && _waiting.Count == 0)
            {
                StartPump(); // which finds nothing and retires
            }
        }
    }

    // Under the gate.
    private void LoseEpoch()
    {
        _generation++;
        _epoch = Guid.Empty;
        _unacknowledged.ForEach(static batch => batch.IsPlaced = false);
    }

    // Under the gate.
    private void Remove(Batch batch)
    {
        _unacknowledged.Remove(batch);
        foreach (var signal in batch.Signals)
        {
            _acknowledgedThrough = Math.Max(_acknowledgedThrough, signal.Envelope.Sequence);
            Release(batch, signal);
        }

        // Not past what an older batch still needs.
        if (_unacknowledged.Count > 0)
        {
            _acknowledgedThrough = Math.Min(_acknowledgedThrough, _unacknowledged[0].FirstSequence - 1);
        }
    }

    // Under the gate.
    private void Release(Batch batch, Outgoing signal)
    {
        settings.Held?.Add(-(Bytes(signal.Envelope) + ObjectBytes));
        if (batch.IsSetAside)
        {
            settings.TakeBack(Bytes(signal.Envelope));
        }
        else
        {
            Release(Bytes(signal.Envelope));
        }
    }

    // Under the gate.
    private void Release(int bytes)
    {
        _bytes -= bytes;
        if (_roomy is not null && _bytes <= settings.MaxLaneBytes / 2)
        {
            _roomy.SetResult();
            _roomy = null;
        }
    }

    private sealed record Outgoing(SignalEnvelope Envelope, ClusterReceipt? Receipt, long EnqueuedAt);

    private sealed class Batch
    {
        public List<Outgoing> Signals { get; } = [];

        /// <summary>Of the first that is still in it; the highest there is when none is.</summary>
        public long FirstSequence => Signals.Count > 0 ? Signals[0].Envelope.Sequence : long.MaxValue;

        public int Bytes => Signals.Sum(static signal => LaneOutbox.Bytes(signal.Envelope));

        /// <summary>Whether its bytes count for the whole gateway and not for the lane.</summary>
        public bool IsSetAside { get; set; }

        /// <summary>Whether it has been sent before.</summary>
        public bool IsRepeat { get; set; }

        /// <summary>Whether an answer to it did not fit it, which is logged once.</summary>
        public bool HasMalformedAnswer { get; set; }

        /// <summary>Whether it has a place in the activation of the current epoch.</summary>
        public bool IsPlaced { get; set; }

        /// <summary>When it got its first one; null when it never had any.</summary>
        public long? FirstPlacedAt { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.PublishFailed, LogLevel.Debug, "Publishing through lane {Lane} failed, trying again")]
        public static partial void PublishFailed(ILogger logger, Exception exception, Lane lane);

        [LoggerMessage(GatewayEventIds.AnswerMalformed, LogLevel.Error, "The answer of lane {Lane} (activation {Epoch}) has {Receipts} receipts for {Signals} signals; it counts as a failed try, and the batch is sent or asked for again")]
        public static partial void AnswerMalformed(ILogger logger, Lane lane, Guid epoch, int receipts, int signals);

        [LoggerMessage(GatewayEventIds.LaneFailed, LogLevel.Error, "A fault in lane {Lane}, which goes on")]
        public static partial void LaneFailed(ILogger logger, Exception exception, Lane lane);

        [LoggerMessage(GatewayEventIds.GivenUp, LogLevel.Warning, "A signal through lane {Lane} got no place in time and is given up; its publisher is told: {IsTold}")]
        public static partial void GivenUp(ILogger logger, Lane lane, bool isTold);

        [LoggerMessage(GatewayEventIds.Lost, LogLevel.Error, "{Signals} accepted signals of lane {Lane} could not be handed over for {KeepPlacedFor} and are given up: no silo that keeps the lane has answered")]
        public static partial void Lost(ILogger logger, int signals, Lane lane, TimeSpan keepPlacedFor);
    }
}
