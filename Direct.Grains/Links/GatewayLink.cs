using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>
/// Hands one gateway what waits for it: as many calls under way as the gateway has observers, and as many batches in a call as wait. A call
/// is repeated, again and again, until it is answered or the gateway is gone, and holds its lanes until then. So their order holds
/// whatever fails.
/// </summary>
internal sealed partial class GatewayLink : IGatewayLink
{
    // One second shorter than the caller's timeout. Orleans' own call timeout is not used here, because it is checked only once a second.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly GatewayEntry _entry;
    private readonly LinkSettings _settings;
    private readonly LinkQueue _queue;
    private readonly Stack<IGatewayObserver> _idle;
    private readonly List<IReadOnlyList<IDelivery>> _underWay = [];
    private readonly long[] _unansweredSince = new long[LinkQueue.Stripes]; // the first try of the call that has the stripe; 0 when none has
    private volatile bool _isClosed;

    public GatewayLink(GatewayEntry entry, LinkSettings settings)
    {
        (_entry, _settings) = (entry, settings);
        _queue = new LinkQueue(settings.MaxCallBytes);
        _idle = new Stack<IGatewayObserver>(entry.Observers);
    }

    public Guid Id => _entry.Id;

    public string Name => _entry.Name;

    public bool IsStuck(Lane lane) => IsUnansweredFor(lane, _settings.StuckAfter);

    public bool IsHung(Lane lane) => IsUnansweredFor(lane, _settings.HungAfter);

    public void Send(IDelivery delivery)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _settings.Waiting(_queue.Add(delivery));
                StartPump();
                return;
            }
        }

        delivery.Abandoned();
    }

    // Outside of the turn of whoever asks, as deliveries are: a gateway's answer to a grain is routed by that grain's id, and to a
    // stateless worker, which is on every silo, it gets lost whenever it comes in by another silo than the question went out from.
    public Task<ConnectionReply?> AskAsync(ConnectionQuestion question) => Task.Run(() => TryAskAsync(question));

    /// <summary>The gateway's lease is over: nobody waits for it any more.</summary>
    public void Close()
    {
        var abandoned = new List<IDelivery>();
        lock (_gate)
        {
            _isClosed = true;
            _underWay.ForEach(abandoned.AddRange); // a call to a process that has ended is answered by its timeout only
            _underWay.Clear();
            _settings.Waiting(-_queue.TakeAll(abandoned));
        }

        abandoned.ForEach(static delivery => delivery.Abandoned());
    }

    // Under the gate.
    private void StartPump()
    {
        if (_queue.CanTake && _idle.TryPop(out var observer))
        {
            _ = Task.Run(() => PumpAsync(observer));
        }
    }

    private async Task PumpAsync(IGatewayObserver observer)
    {
        while (true)
        {
            List<IDelivery> deliveries = [];
            ulong stripes;
            int bytes;
            lock (_gate)
            {
                stripes = _queue.Take(deliveries, out bytes);
                if (stripes == 0)
                {
                    _idle.Push(observer);
                    return;
                }

                _underWay.Add(deliveries);
                Mark(stripes, _settings.TimeProvider.GetTimestamp());
                StartPump(); // for what did not fit
            }

            var answers = await DeliverAsync(observer, deliveries);
            bool isAbandoned;
            lock (_gate)
            {
                isAbandoned = !_underWay.Remove(deliveries);
                Mark(stripes, 0);
                _queue.Release(stripes);
            }

            _settings.Waiting(-bytes);
            if (answers is not null && !isAbandoned)
            {
                Answer(deliveries, answers);
            }
        }
    }

    private static void Answer(List<IDelivery> deliveries, GatewayAnswer[] answers)
    {
        var rest = answers.AsSpan();
        foreach (var delivery in deliveries)
        {
            var count = delivery.Batch.Signals.Length;
            delivery.Answered(rest[..count]);
            rest = rest[count..];
        }
    }

    // The answers; null when the gateway is gone.
    private async Task<GatewayAnswer[]?> DeliverAsync(IGatewayObserver observer, List<IDelivery> deliveries)
    {
        var batches = deliveries.ConvertAll(static delivery => delivery.Batch).ToArray();
        var expected = batches.Sum(static batch => batch.Signals.Length);
        var delay = _settings.FirstRetryDelay;
        var isMalformedLogged = false;
        while (!_isClosed)
        {
            try
            {
                if (_settings.IsFenced())
                {
                    // A silo that was frozen and wakes up holds what others have delivered since, and gateways may have forgotten.
                    await Task.Delay(_settings.FirstRetryDelay, _settings.TimeProvider);
                    continue;
                }

                var answers = await observer.DeliverAsync(batches);
                if (answers is not null && answers.Length == expected)
                {
                    return answers;
                }

                if (answers is not null && !isMalformedLogged)
                {
                    isMalformedLogged = true;
                    Log.Malformed(_settings.Logger, _entry.Name, answers.Length, expected);
                }
            }
#pragma warning disable CA1031 // The top of a loop: whatever the call throws, the batch must be tried again while the gateway has its lease.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(_settings.Logger, exception, _entry.Name, expected);
                _settings.DeliveryFailed();
            }

            await Task.Delay(delay, _settings.TimeProvider);
            delay = Backoff.Next(delay, _settings.LongestRetryDelay);
        }

        return null;
    }

    private async Task<ConnectionReply?> TryAskAsync(ConnectionQuestion question)
    {
        try
        {
            return await _entry.Observers[0].AskAsync(question).WaitAsync(AnswerTimeout, _settings.TimeProvider);
        }
#pragma warning disable CA1031 // Whatever the call throws: the gateway has not answered, and is named as missing.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Unanswered(_settings.Logger, exception, _entry.Name);
            return null;
        }
    }

    // Under the gate.
    private void Mark(ulong stripes, long unansweredSince)
    {
        for (var stripe = 0; stripe < LinkQueue.Stripes; stripe++)
        {
            if ((stripes & (1UL << stripe)) != 0)
            {
                Volatile.Write(ref _unansweredSince[stripe], unansweredSince);
            }
        }
    }

    private bool IsUnansweredFor(Lane lane, TimeSpan span)
    {
        var since = Volatile.Read(ref _unansweredSince[lane.Stripe(LinkQueue.Stripes)]);
        return since != 0 && _settings.TimeProvider.GetElapsedTime(since) > span;
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.DeliveryFailed, LogLevel.Warning, "Handing {Signals} signals to gateway {Gateway} failed, trying again")]
        public static partial void Failed(ILogger logger, Exception exception, string gateway, int signals);

        [LoggerMessage(GrainEventIds.AnswerMalformed, LogLevel.Error, "Gateway {Gateway} has answered {Answers} of {Signals} signals; it counts as a failed try, and they are handed over again")]
        public static partial void Malformed(ILogger logger, string gateway, int answers, int signals);

        [LoggerMessage(GrainEventIds.QuestionUnanswered, LogLevel.Warning, "Gateway {Gateway} did not answer a question about its connections")]
        public static partial void Unanswered(ILogger logger, Exception exception, string gateway);
    }
}
