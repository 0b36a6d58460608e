using System.Diagnostics.CodeAnalysis;
using Direct.Edge.Backplane;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>
/// Holds the signals that this gateway publishes through one lane: they are sent in order, kept until every receiving gateway has acknowledged
/// them, and sent again when the lane's activation is lost. The outbox decides what is sent; <see cref="LanePublisher"/> makes the calls.
/// </summary>
/// <remarks>
/// One call is in flight at a time, with everything that waits. When its batch is accepted the next call follows, even if receipts are missing;
/// these are collected separately.
/// <para>
/// If the activation has been replaced, what the old one accepted may be lost. Then everything unacknowledged is sent again, the oldest first,
/// before anything new; receivers drop what they already have. A signal that was never accepted is dropped when its publisher gives it up, or
/// when a broadcast times out. A signal that was accepted is kept until it is acknowledged, for <see cref="KeepAcceptedFor"/> at most, because
/// receivers do not remember repeats for longer.
/// </para>
/// <para>
/// An answer is checked before it changes anything. An answer that does not fit its batch counts as a failed try, which is safe because receivers
/// recognise repeats.
/// </para>
/// <para>
/// The bytes of a lane are bounded, so a lane that cannot deliver slows its publishers down. Bytes that only unresponsive gateways have not
/// acknowledged count for the whole gateway and not for the lane, so that a gateway that is about to lose its lease blocks no lane.
/// </para>
/// </remarks>
internal sealed partial class LaneOutbox(Lane lane, OutboxContext context)
{
    private const int MaxBatchBytes = 256 * 1024;
    private const int MaxBatchSignals = 1000;

    // The memory of a waiting signal besides its payload: the objects that hold it, and its receipt.
    private const int ObjectBytes = 400;

    /// <summary>Specifies the time for which a signal that was accepted is repeated while no silo accepts it. Receivers remember it for a minute longer.</summary>
    public static readonly TimeSpan KeepAcceptedFor = TimeSpan.FromMinutes(9);

    private readonly Lock _gate = new();
    private readonly Queue<OutboundSignal> _waiting = new();
    private readonly List<OutboundBatch> _unacknowledged = [];
    private OutboundBatch? _underWay;
    private int _underWayGeneration;
    private Guid _epoch;
    private int _generation;
    private long _acknowledgedThrough;
    private long _bytes;
    private bool _isReady; // a call is in flight or about to start
    private bool _isRetired;
    private TaskCompletionSource? _spaceAvailable;

    /// <summary>Specifies what the publisher does after a call.</summary>
    public enum NextStep
    {
        /// <summary>Nothing: the outbox reports when it has something to send.</summary>
        Rest,

        /// <summary>Send the next batch.</summary>
        Send,

        /// <summary>Send the same batch again, after a delay.</summary>
        SendLater,
    }

    public Lane Lane => lane;

    /// <summary>Gets the bytes that count for this lane.</summary>
    public long HeldBytes => Volatile.Read(ref _bytes);

    /// <summary>Gets the number of tries that have failed since the last success.</summary>
    public int Failures { get; private set; }

    /// <summary>Gets the lowest sequence in this outbox; <see cref="long.MaxValue"/> if it is empty.</summary>
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

    /// <summary>Gets whether the next batch has been sent before.</summary>
    public bool IsRepeating
    {
        get
        {
            lock (_gate)
            {
                return NextUnaccepted() is { IsRepeat: true };
            }
        }
    }

    /// <summary>Adds a signal. Without a receipt it is a broadcast, which cannot be given up. Returns false if this outbox has retired and a new one must be used.</summary>
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

    /// <summary>Completes when the lane has room for more.</summary>
    public ValueTask ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_bytes < context.MaxLaneBytes)
            {
                return default;
            }

            _spaceAvailable ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_spaceAvailable.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>
    /// Takes the next batch: the oldest that is not accepted, or a new one of waiting signals. This begins its call, which <see cref="EndCall"/> ends.
    /// Returns false if there is nothing to send.
    /// </summary>
    public bool TryTake(out PublishRequest request)
    {
        var settledThrough = context.Sequence.SettledThrough; // outside the lock: it visits every lane and takes their locks
        lock (_gate)
        {
            if (TakeNext() is { } batch)
            {
                request = new PublishRequest(
                    new SignalBatch(context.Sequence.Publisher, lane, _acknowledgedThrough, batch.ToEnvelopes(), settledThrough, batch.IsRepeat),
                    _unacknowledged.Exists(static other => other.IsAccepted) ? _epoch : Guid.Empty);
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

    /// <summary>Ends the call of the batch that was taken last.</summary>
    /// <param name="answer">The answer; null if there was none, in which case the batch may have been accepted.</param>
    /// <param name="uncollected">The batch, if receipts are missing.</param>
    public NextStep EndCall(PublishAnswer? answer, out UncollectedBatch? uncollected)
    {
        uncollected = null;
        lock (_gate)
        {
            var batch = _underWay ?? throw new InvalidOperationException($"no call of lane {lane} is under way");
            _underWay = null;
            if (_underWayGeneration != _generation)
            {
                return NextStep.Send; // the epoch was lost meanwhile, perhaps with this batch: send again, in order
            }

            switch (answer?.Status)
            {
                case PublishStatus.Accepted when Fits(answer, batch):
                    Failures = 0;
                    _epoch = answer.Epoch;
                    batch.IsAccepted = true;
                    batch.FirstAcceptedAt ??= context.TimeProvider.GetTimestamp();
                    var sequence = batch.FirstSequence; // before acknowledged signals are removed
                    CompleteReceipts(batch, answer);
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

            if (_waiting.Count > 0 || NextUnaccepted() is not null)
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

    /// <summary>Ends a call that collects receipts.</summary>
    /// <param name="uncollected">The result of <see cref="EndCall"/>.</param>
    /// <param name="answer">The answer; null if there was none.</param>
    /// <returns>Whether no further call is needed.</returns>
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

            if (answer is { Status: PublishStatus.Accepted } && Fits(answer, batch))
            {
                CompleteReceipts(batch, answer);
                if (answer.Pending.Length > 0)
                {
                    return false;
                }

                if (!_isReady)
                {
                    RestOrRetire();
                }
            }
            else if (answer is { Status: PublishStatus.OtherEpoch } || context.TimeProvider.GetElapsedTime(batch.FirstAcceptedAt!.Value) >= KeepAcceptedFor)
            {
                // In the second case no silo has answered for so long that sending the batch again will give it up.
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
    private OutboundBatch? NextUnaccepted() => _unacknowledged.Find(static batch => !batch.IsAccepted);

    // Under the gate.
    private OutboundBatch? TakeNext()
    {
        while (true)
        {
            var next = NextUnaccepted();
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

    // Under the gate. A batch that was accepted is kept longer: a backend may have been told that it is accepted.
    private void GiveUpLate(OutboundBatch batch)
    {
        if (batch.FirstAcceptedAt is { } acceptedAt)
        {
            if (context.TimeProvider.GetElapsedTime(acceptedAt) >= KeepAcceptedFor)
            {
                Log.Lost(context.Logger, batch.Signals.Count, lane, KeepAcceptedFor);
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
            context.Metrics.Abandoned("acceptance", 1);
            batch.Signals.RemoveAt(i);
            Release(batch, signal);
        }
    }

    private bool IsLate(OutboundSignal signal) => signal.Receipt is { } receipt
        ? receipt.IsGivenUp
        : context.TimeProvider.GetElapsedTime(signal.EnqueuedAt) >= context.BroadcastTimeout;

    // Under the gate. Returns whether the answer has a receipt for each signal of the batch.
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
    private void CompleteReceipts(OutboundBatch batch, PublishAnswer answer)
    {
        for (var i = 0; i < batch.Signals.Count; i++)
        {
            batch.Signals[i].Receipt?.Accept(answer.Receipts[i], answer.Pending);
        }

        if (answer.IsUnresponsive && !batch.IsWaitingForUnresponsive && context.UnresponsiveBytes.TryAdd(batch.Bytes))
        {
            batch.IsWaitingForUnresponsive = true;
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
        _unacknowledged.ForEach(static batch => batch.IsAccepted = false);
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

        // Not beyond the oldest batch that may be repeated.
        if (_unacknowledged.Count > 0)
        {
            _acknowledgedThrough = Math.Min(_acknowledgedThrough, _unacknowledged[0].FirstSequence - 1);
        }
    }

    // Under the gate.
    private void Release(OutboundBatch batch, OutboundSignal signal)
    {
        context.Held?.Add(-(signal.Bytes + ObjectBytes));
        if (batch.IsWaitingForUnresponsive)
        {
            context.UnresponsiveBytes.Remove(signal.Bytes);
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
        if (_spaceAvailable is not null && _bytes <= context.MaxLaneBytes / 2)
        {
            _spaceAvailable.SetResult();
            _spaceAvailable = null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.AnswerMalformed, LogLevel.Error, "The answer of lane {Lane} (activation {Epoch}) has {Receipts} receipts for {Signals} signals; it counts as a failed try, and the batch is sent or asked for again")]
        public static partial void AnswerMalformed(ILogger logger, Lane lane, Guid epoch, int receipts, int signals);

        [LoggerMessage(GatewayEventIds.GivenUp, LogLevel.Warning, "A signal of lane {Lane} was not accepted in time and is given up; its publisher gets an answer: {IsAnswered}")]
        public static partial void GivenUp(ILogger logger, Lane lane, bool isAnswered);

        [LoggerMessage(GatewayEventIds.Lost, LogLevel.Error, "{Signals} accepted signals of lane {Lane} could not be handed over for {KeepAcceptedFor} and are given up: no silo that keeps the lane has answered")]
        public static partial void Lost(ILogger logger, int signals, Lane lane, TimeSpan keepAcceptedFor);
    }
}
