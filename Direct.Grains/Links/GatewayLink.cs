using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Links;

/// <summary>
/// Delivers the batches that wait for one gateway. It keeps as many calls in flight as the gateway has observers, and puts everything that
/// waits into one call. A gateway in this process is called in the thread that flushes. A call is repeated until it is answered or the gateway
/// leaves, and holds its stripes of lanes until then, which preserves the order of each lane when calls fail.
/// </summary>
internal sealed partial class GatewayLink : IGatewayLink
{
    // One second shorter than the caller's timeout. The call timeout of Orleans is not precise enough: it is checked once a second.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly GatewayEntry _entry;
    private readonly LinkSettings _settings;
    private readonly LinkQueue _queue;
    private readonly Stack<IGatewayObserver> _idle;
    private readonly bool _isLocal;
    private readonly RecoverCalls _recovers;
    private readonly List<IReadOnlyList<IDelivery>> _underWay = [];
    private readonly long[] _unansweredSince = new long[LinkQueue.Stripes]; // when the call that holds the stripe was first tried; 0 if no call holds it
    private volatile bool _isClosed;
    private volatile bool _keeps;

    /// <param name="entry">The gateway.</param>
    /// <param name="settings">The settings of all links.</param>
    /// <param name="local">The gateway's observers if it is in this process; else null.</param>
    public GatewayLink(GatewayEntry entry, LinkSettings settings, IGatewayObserver[]? local = null)
    {
        (_entry, _settings, _keeps) = (entry, settings, entry.Keeps);
        _queue = new LinkQueue(settings.MaxCallBytes);
        _idle = new Stack<IGatewayObserver>(local ?? entry.Observers);
        _isLocal = local is not null;
        _recovers = new RecoverCalls(entry.Name, _idle.FirstOrDefault(), settings);
    }

    public Guid Id => _entry.Id;

    public string Name => _entry.Name;

    public bool Keeps => _keeps;

    public bool IsSlow(Lane lane) => IsUnansweredFor(lane, _settings.SlowAfter);

    public bool IsUnresponsive(Lane lane) => IsUnansweredFor(lane, _settings.UnresponsiveAfter);

    public bool IsUnresponsive()
    {
        var isUnanswered = _recovers.IsUnresponsive;
        for (var stripe = 0; stripe < LinkQueue.Stripes && !isUnanswered; stripe++)
        {
            isUnanswered = IsUnansweredFor(stripe, _settings.UnresponsiveAfter);
        }

        return isUnanswered;
    }

    public void Send(IDelivery delivery)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _settings.Waiting(_queue.Add(delivery));
                return;
            }
        }

        delivery.Abandoned();
    }

    public void Flush()
    {
        IGatewayObserver? observer;
        lock (_gate)
        {
            // A turn of a grain must not wait for what the gateway does with the batches.
            if (!_isLocal || TaskScheduler.Current != TaskScheduler.Default)
            {
                StartPump();
                return;
            }

            if (!_queue.CanTake || !_idle.TryPop(out observer))
            {
                return;
            }
        }

        _ = PumpAsync(observer); // it does not throw
    }

    // Outside the turn of the calling grain, like deliveries. Orleans routes a gateway's answer to a grain by the grain's id. A stateless
    // worker exists on every silo, so the answer is lost if it arrives at another silo than the one that asked.
    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => Task.Run(() => TryQueryAsync(query));

    public Task<RecoverAnswer?> RecoverAsync(RecoverRequest request, CancellationToken cancellationToken) => _recovers.AskAsync(request, cancellationToken);

    public Task<TailPage> ReadKeptAsync(FetchRequest request) => _recovers.ReadAsync(request);

    public Task<bool> KeepAsync(KeepRequest[] requests) => _recovers.KeepAsync(requests);

    /// <summary>Takes a newer entry of the gateway. The registry of an older silo drops what it does not know, so the first one may lack something.</summary>
    public void Update(GatewayEntry entry) => _keeps = entry.Keeps;

    /// <summary>Abandons everything that waits: the gateway's lease has ended.</summary>
    public void Close()
    {
        _recovers.Close();
        var abandoned = new List<IDelivery>();
        lock (_gate)
        {
            _isClosed = true;
            _underWay.ForEach(abandoned.AddRange); // a call to a process that has ended completes only by its timeout
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
            Background.Run(() => PumpAsync(observer));
        }
    }

    private async Task PumpAsync(IGatewayObserver observer)
    {
        do
        {
            List<IDelivery> deliveries = [];
            var startedAt = _settings.TimeProvider.GetTimestamp();
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
                Mark(stripes, startedAt);
                StartPump(); // for batches that did not fit into this call
            }

            var answers = await DeliverAsync(observer, deliveries);
            bool isAbandoned;
            lock (_gate)
            {
                isAbandoned = !_underWay.Remove(deliveries);
                Mark(stripes, 0);
                _queue.Release(stripes, _settings.TimeProvider.GetElapsedTime(startedAt) > _settings.SlowAfter);
            }

            _settings.Waiting(-bytes);
            if (answers is not null && !isAbandoned)
            {
                Answer(deliveries, answers);
            }
        }
        while (!_isLocal);

        // The thread that has flushed goes on with its own work; another one delivers what has come meanwhile.
        lock (_gate)
        {
            _idle.Push(observer);
            StartPump();
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

    // Returns null if the gateway has left.
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
                    // A silo that was frozen holds batches that others may have delivered meanwhile, and gateways may have forgotten them.
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
#pragma warning disable CA1031 // The top of a loop: after any exception the call is repeated while the gateway has its lease.
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

    private async Task<ConnectionResponse?> TryQueryAsync(ConnectionQuery query)
    {
        try
        {
            return await _entry.Observers[0].QueryAsync(query).WaitAsync(AnswerTimeout, _settings.TimeProvider);
        }
#pragma warning disable CA1031 // After any exception the gateway counts as not having answered.
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

    private bool IsUnansweredFor(Lane lane, TimeSpan span) => IsUnansweredFor(lane.Stripe(LinkQueue.Stripes), span);

    private bool IsUnansweredFor(int stripe, TimeSpan span)
    {
        var since = Volatile.Read(ref _unansweredSince[stripe]);
        return since != 0 && _settings.TimeProvider.GetElapsedTime(since) > span;
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.DeliveryFailed, LogLevel.Warning, "Delivering {Signals} signals to gateway {Gateway} failed, trying again")]
        public static partial void Failed(ILogger logger, Exception exception, string gateway, int signals);

        [LoggerMessage(GrainEventIds.AnswerMalformed, LogLevel.Error, "Gateway {Gateway} has answered {Answers} of {Signals} signals; it counts as a failed try, and they are delivered again")]
        public static partial void Malformed(ILogger logger, string gateway, int answers, int signals);

        [LoggerMessage(GrainEventIds.QueryUnanswered, LogLevel.Warning, "Gateway {Gateway} did not answer a query about its connections")]
        public static partial void Unanswered(ILogger logger, Exception exception, string gateway);
    }
}
