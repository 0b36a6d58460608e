using System.Diagnostics.CodeAnalysis;
using Direct.Edge.Backplane;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>
/// What this gateway publishes through one lane: sent in order, kept until every gateway it is meant for has acknowledged it, and sent
/// again when the lane's activation is lost. It holds and decides; <see cref="LanePublisher"/> makes the calls.
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
/// trying again is harmless.
/// </para>
/// <para>
/// Its bytes are bounded, so a lane that cannot be delivered slows its publishers down. Bytes that only hung gateways have not
/// acknowledged are set aside and count for the whole gateway: one that is about to be given up holds up nobody's lane.
/// </para>
/// </remarks>
internal sealed partial class LaneOutbox(Lane lane, OutboxContext context)
{
    private const int MaxBatchBytes = 256 * 1024;
    private const int MaxBatchSignals = 1000;

    // What a signal that waits takes of the memory besides: the objects that hold it, and its receipt.
    private const int ObjectBytes = 400;

    /// <summary>How long a signal that once had a place is repeated while no silo takes it. Receivers remember a minute longer.</summary>
    public static readonly TimeSpan KeepPlacedFor = TimeSpan.FromMinutes(9);

    private readonly Lock _gate = new();
    private readonly Queue<OutboundSignal> _waiting = new();
    private readonly List<OutboundBatch> _unacknowledged = [];
    private OutboundBatch? _underWay;
    private int _underWayGeneration;
    private Guid _epoch;
    private int _generation;
    private long _acknowledgedThrough;
    private long _bytes;
    private bool _isReady; // somebody sends, or is about to
    private bool _isRetired;
    private TaskCompletionSource? _roomy;

    /// <summary>What follows a call.</summary>
    public enum NextStep
    {
        /// <summary>Nothing: whoever brings something to send says so.</summary>
        Rest,

        /// <summary>There is something to send.</summary>
        Send,

        /// <summary>Nothing has changed: there is something to send after a while.</summary>
        SendLater,
    }

    public Lane Lane => lane;

    /// <summary>Bytes that count for this lane.</summary>
    public long HeldBytes => Volatile.Read(ref _bytes);

    /// <summary>How many tries have failed, one after another.</summary>
    public int Failures { get; private set; }

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

    /// <summary>Whether the next batch has been sent before.</summary>
    public bool IsRepeating
    {
        get
        {
            lock (_gate)
            {
                return NextUnplaced() is { IsRepeat: true };
            }
        }
    }

    /// <summary>Puts a signal at the end. Without a receipt it is a broadcast, which nobody gives up. False when this outbox has been retired: take a new one.</summary>
    public bool TryEnqueue(in Signal signal, TopicKey topic, ClusterReceipt? receipt)
    {
        lock (_gate)
        {
            if (_isRetired)
            {
                return false;
            }

            var envelope = new SignalEnvelope(
                topic, signal.Target.Group, signal.Target.Channel, signal.Target.User,
                context.Sequence.Next(), signal.Payload.ToArray(), signal.Id, signal.TraceParent);
            var outbound = new OutboundSignal(envelope, receipt, context.TimeProvider.GetTimestamp());
            _waiting.Enqueue(outbound);
            _bytes += outbound.Bytes;
            context.Held?.Add(outbound.Bytes + ObjectBytes);
            if (_isReady)
            {
                return true;
            }

            _isReady = true;
        }

        context.Ready(this);
        return true;
    }

    /// <summary>Completes when there is room for more.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_bytes < context.MaxLaneBytes)
            {
                return default;
            }

            _roomy ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_roomy.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>
    /// Takes the next batch: the oldest without a place, or a new one of what waits. Its call has begun then, and ends with
    /// <see cref="EndCall"/>. False when there is nothing to send.
    /// </summary>
    public bool TryTake(out PublishRequest request)
    {
        var settledThrough = context.Sequence.SettledThrough; // not under the gate: it visits every lane, under theirs
        lock (_gate)
        {
            if (TakeNext() is { } batch)
            {
                request = new PublishRequest(
                    new SignalBatch(context.Sequence.Publisher, lane, _acknowledgedThrough, batch.ToEnvelopes(), settledThrough, batch.IsRepeat),
                    _unacknowledged.Exists(static other => other.IsPlaced) ? _epoch : Guid.Empty);
                if (batch.IsRepeat)
                {
                    context.Metrics.Repeated();
                }

                batch.IsRepeat = true;
                (_underWay, _underWayGeneration) = (batch, _generation);
                return true;
            }

            request = default;
            RestOrRetire();
            if (!_isRetired)
            {
                return false;
            }
        }

        context.Retired(this);
        return false;
    }

    /// <summary>The call of the batch that was taken last has ended.</summary>
    /// <param name="answer">The answer; null when there was none, or when another one cannot be ruled out.</param>
    /// <param name="uncollected">Whose receipts are still to come, if any are.</param>
    public NextStep EndCall(PublishAnswer? answer, out UncollectedBatch? uncollected)
    {
        uncollected = null;
        lock (_gate)
        {
            var batch = _underWay ?? throw new InvalidOperationException($"no call of lane {lane} is under way");
            _underWay = null;
            if (_underWayGeneration != _generation)
            {
                return NextStep.Send; // the epoch was lost meanwhile, and with it perhaps this very place: once more, in order
            }

            switch (answer?.Status)
            {
                case PublishStatus.Placed when Fits(answer, batch):
                    Failures = 0;
                    _epoch = answer.Epoch;
                    batch.IsPlaced = true;
                    batch.FirstPlacedAt ??= context.TimeProvider.GetTimestamp();
                    var sequence = batch.FirstSequence; // of what is no longer held once it is told
                    Tell(batch, answer);
                    if (answer.Pending.Length > 0)
                    {
                        uncollected = new UncollectedBatch(batch, sequence, _generation);
                    }

                    break;
                case PublishStatus.OtherEpoch:
                    LoseEpoch();
                    return NextStep.Send;
                default:
                    Failures++;
                    return NextStep.SendLater;
            }

            if (_waiting.Count > 0 || NextUnplaced() is not null)
            {
                return NextStep.Send;
            }

            RestOrRetire();
            if (!_isRetired)
            {
                return NextStep.Rest;
            }
        }

        context.Retired(this);
        return NextStep.Rest;
    }

    /// <summary>Receipts of a batch have been asked for.</summary>
    /// <param name="uncollected">What <see cref="EndCall"/> gave.</param>
    /// <param name="answer">The answer; null when there was none.</param>
    /// <returns>Whether there is nothing more to ask for.</returns>
    public bool EndCollecting(UncollectedBatch uncollected, PublishAnswer? answer)
    {
        var isReady = false;
        lock (_gate)
        {
            var batch = uncollected.Batch;
            if (uncollected.Generation != _generation)
            {
                return true;
            }

            if (answer is { Status: PublishStatus.Placed } && Fits(answer, batch))
            {
                Tell(batch, answer);
                if (answer.Pending.Length > 0)
                {
                    return false;
                }

                if (!_isReady)
                {
                    RestOrRetire();
                }
            }
            else if (answer is { Status: PublishStatus.OtherEpoch } || context.TimeProvider.GetElapsedTime(batch.FirstPlacedAt!.Value) >= KeepPlacedFor)
            {
                // Or its silo has been gone for so long: whoever sends the batch again gives it up.
                LoseEpoch();
                isReady = !_isReady;
                _isReady = true;
            }
            else
            {
                return false;
            }

            if (!isReady && !_isRetired)
            {
                return true;
            }
        }

        (isReady ? context.Ready : context.Retired)(this);
        return true;
    }

    // Under the gate.
    private void RestOrRetire()
    {
        _isReady = false;
        _isRetired = _unacknowledged.Count == 0 && _waiting.Count == 0;
    }

    // Under the gate.
    private OutboundBatch? NextUnplaced() => _unacknowledged.Find(static batch => !batch.IsPlaced);

    // Under the gate.
    private OutboundBatch? TakeNext()
    {
        while (true)
        {
            var next = NextUnplaced();
            if (next is null && _waiting.Count > 0)
            {
                next = TakeWaiting();
                _unacknowledged.Add(next);
            }

            if (next is null)
            {
                return null;
            }

            GiveUpLate(next);
            if (next.Signals.Count > 0)
            {
                return next;
            }

            Remove(next);
        }
    }

    private OutboundBatch TakeWaiting()
    {
        var batch = new OutboundBatch();
        var bytes = 0;
        while (_waiting.TryPeek(out var next) && batch.Signals.Count < MaxBatchSignals
            && (batch.Signals.Count == 0 || bytes + next.Bytes <= MaxBatchBytes))
        {
            bytes += next.Bytes;
            batch.Signals.Add(_waiting.Dequeue());
        }

        return batch;
    }

    // Under the gate. What was placed once is kept for long: somebody may have been told that it is on its way.
    private void GiveUpLate(OutboundBatch batch)
    {
        if (batch.FirstPlacedAt is { } placedAt)
        {
            if (context.TimeProvider.GetElapsedTime(placedAt) >= KeepPlacedFor)
            {
                Log.Lost(context.Logger, batch.Signals.Count, lane, KeepPlacedFor);
                context.Metrics.Abandoned("acknowledgement", batch.Signals.Count);
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

            Log.GivenUp(context.Logger, lane, signal.Receipt is not null);
            context.Metrics.Abandoned("place", 1);
            batch.Signals.RemoveAt(i);
            Release(batch, signal);
        }
    }

    private bool IsLate(OutboundSignal signal) => signal.Receipt is { } receipt
        ? receipt.IsGivenUp
        : context.TimeProvider.GetElapsedTime(signal.EnqueuedAt) >= context.BroadcastTimeout;

    // Under the gate. Whether the answer has a receipt for each signal of the batch.
    private bool Fits([NotNullWhen(true)] PublishAnswer? answer, OutboundBatch batch)
    {
        if (answer is { Receipts: { } receipts, Pending: not null } && receipts.Length == batch.Signals.Count)
        {
            return true;
        }

        if (!batch.HasMalformedAnswer)
        {
            batch.HasMalformedAnswer = true;
            Log.AnswerMalformed(context.Logger, lane, answer?.Epoch ?? default, answer?.Receipts?.Length ?? 0, batch.Signals.Count);
        }

        return false;
    }

    // Under the gate.
    private void Tell(OutboundBatch batch, PublishAnswer answer)
    {
        for (var i = 0; i < batch.Signals.Count; i++)
        {
            batch.Signals[i].Receipt?.Place(answer.Receipts[i], answer.Pending);
        }

        if (answer.IsHung && !batch.IsSetAside && context.SetAside.TryAdd(batch.Bytes))
        {
            batch.IsSetAside = true;
            Release(batch.Bytes);
        }

        if (answer.Pending.Length == 0)
        {
            Remove(batch);
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
    private void Remove(OutboundBatch batch)
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
    private void Release(OutboundBatch batch, OutboundSignal signal)
    {
        context.Held?.Add(-(signal.Bytes + ObjectBytes));
        if (batch.IsSetAside)
        {
            context.SetAside.Remove(signal.Bytes);
        }
        else
        {
            Release(signal.Bytes);
        }
    }

    // Under the gate.
    private void Release(int bytes)
    {
        _bytes -= bytes;
        if (_roomy is not null && _bytes <= context.MaxLaneBytes / 2)
        {
            _roomy.SetResult();
            _roomy = null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.AnswerMalformed, LogLevel.Error, "The answer of lane {Lane} (activation {Epoch}) has {Receipts} receipts for {Signals} signals; it counts as a failed try, and the batch is sent or asked for again")]
        public static partial void AnswerMalformed(ILogger logger, Lane lane, Guid epoch, int receipts, int signals);

        [LoggerMessage(GatewayEventIds.GivenUp, LogLevel.Warning, "A signal through lane {Lane} got no place in time and is given up; its publisher is told: {IsTold}")]
        public static partial void GivenUp(ILogger logger, Lane lane, bool isTold);

        [LoggerMessage(GatewayEventIds.Lost, LogLevel.Error, "{Signals} accepted signals of lane {Lane} could not be handed over for {KeepPlacedFor} and are given up: no silo that keeps the lane has answered")]
        public static partial void Lost(ILogger logger, int signals, Lane lane, TimeSpan keepPlacedFor);
    }
}
