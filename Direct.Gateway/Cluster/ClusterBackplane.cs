using Direct.Collections;
using Direct.Edge.Backplane;
using Direct.Edge.Keeping;
using Direct.Edge.Topics;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Memory;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>
/// Implements the backplane of a gateway in a cluster. Signals go through the grain of their lane, and come back through the observers.
/// </summary>
internal sealed class ClusterBackplane : IBackplane, IDisposable
{
    private static readonly TimeSpan FirstUnsubscribeDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestUnsubscribeDelay = TimeSpan.FromSeconds(16);
    private static readonly PublishResult NotAccepted = new(new Receipt(ReceiptStatus.NotAccepted, 0, 0));

    private readonly RetiringDictionary<Lane, LaneOutbox> _outboxes;
    private readonly IGrainFactory _grains;
    private readonly WantedTopics _wanted;
    private readonly GatewayLease _lease;
    private readonly LanePromises _promises;
    private readonly UnresponsiveBytes _unresponsiveBytes;
    private readonly TimeProvider _timeProvider;
    private readonly SemaphoreSlim _subscribeCalls;
    private TaskCompletionSource? _idle; // not null while a caller waits

    public ClusterBackplane(
        IGrainFactory grains,
        WantedTopics wanted,
        GatewayLease lease,
        LanePromises promises,
        IOptions<BackplaneOptions> options,
        QueueBudget queues,
        ClusterMetrics metrics,
        TimeProvider timeProvider,
        ILogger<ClusterBackplane> logger,
        ILocalPublisher? local = null)
    {
        _grains = grains;
        _wanted = wanted;
        _lease = lease;
        _promises = promises;
        _timeProvider = timeProvider;
        _unresponsiveBytes = new UnresponsiveBytes(options.Value.MaxUnresponsiveBytes);
        var sequence = new PublishSequence(OldestSequence, timeProvider);
        var publisher = new LanePublisher(grains, sequence.Publisher, timeProvider, logger, local);
        var outboxes = new OutboxContext(sequence, _unresponsiveBytes, metrics, timeProvider, logger)
        {
            MaxLaneBytes = options.Value.MaxLaneBytes,
            BroadcastTimeout = options.Value.BroadcastTimeout,
            Held = queues.Lanes,
            Ready = publisher.Send,
            Retired = Forget,
        };
        _outboxes = new RetiringDictionary<Lane, LaneOutbox>(lane => new LaneOutbox(lane, outboxes));
        _subscribeCalls = new SemaphoreSlim(options.Value.MaxSubscribeCalls);
        metrics.ObserveLanes(() => BusyLanes, () => _outboxes.Values.Sum(static outbox => outbox.HeldBytes), () => _unresponsiveBytes.Bytes);
    }

    public string Name => _lease.Name;

    public bool NeedsSubscriptions => true;

    /// <summary>Gets the number of lanes that hold unsent or unacknowledged signals.</summary>
    public int BusyLanes => _outboxes.Count;

    public async ValueTask SubscribeAsync(Topic topic, CancellationToken cancellationToken)
    {
        var key = topic.ToKey();
        await _subscribeCalls.WaitAsync(cancellationToken);
        try
        {
            var gateway = _lease.Id ?? throw new ClusterNotReadyException($"cannot subscribe {topic}: this gateway is not registered");

            // Before the call: an answer during the call that says "not wanted" would undo it.
            var number = _wanted.Want(key);
            if (!await Lane.Of(key).Grain(_grains).SubscribeAsync(key, gateway, number))
            {
                throw new ClusterNotReadyException($"cannot subscribe {topic}: its silo is not sure of the cluster, or has no memory for it");
            }
        }
        finally
        {
            _subscribeCalls.Release();
        }
    }

    public async ValueTask SubscribeKeptAsync(FollowedTopic kept, CancellationToken cancellationToken)
    {
        var (topic, key) = (kept.Topic, kept.Topic.ToKey());
        await _subscribeCalls.WaitAsync(cancellationToken);
        try
        {
            var gateway = _lease.Id ?? throw new ClusterNotReadyException($"cannot keep {topic}: this gateway is not registered");
            var lane = Lane.Of(key);
            KeptAnswer answer;
            try
            {
                answer = await lane.Grain(_grains).SubscribeKeptAsync(key, gateway, _wanted.Want(key));
            }
            catch (TypeLoadException)
            {
                // The silo of the lane is older than this call. A timeout does not prove that.
                if (!await lane.Grain(_grains).SubscribeAsync(key, gateway, _wanted.Want(key)))
                {
                    throw;
                }

                kept.OpenWithoutLog();
                return;
            }

            answer = await WithAllHeadersAsync(lane, key, answer);
            var isUsed = false;
            if (answer.Status is KeptStatus.Kept && !TryInstall(lane, answer.Ballot, () => isUsed = kept.Open(answer.ToPage(_timeProvider))))
            {
                // The activation has not asked this gateway when it recovered, and has a lower ballot, for instance by its clock. It ends when it learns that.
                await lane.Grain(_grains).FetchAsync(new FetchRequest(key, After: 0, Through: 0, IsNewestFirst: false, _promises.HighestOf(lane)));
            }

            if (!isUsed)
            {
                throw new ClusterNotReadyException($"cannot keep {topic}: its lane does not serve yet");
            }
        }
        finally
        {
            _subscribeCalls.Release();
        }
    }

    public async ValueTask FetchAsync(FollowedTopic kept, LogRange range, CancellationToken cancellationToken)
    {
        var (topic, key) = (kept.Topic, kept.Topic.ToKey());
        var lane = Lane.Of(key);
        var page = await lane.Grain(_grains).FetchAsync(new FetchRequest(key, range.After, range.Through, range.IsOlder, _promises.HighestOf(lane))).AsTask().WaitAsync(cancellationToken);
        var isUsed = false;
        if (page.Status is TailStatus.NotReady || !TryInstall(lane, page.Ballot, () => isUsed = kept.Extend(page.ToPage(_timeProvider), range)) || !isUsed)
        {
            throw new ClusterNotReadyException($"cannot fetch messages of {topic}: its lane does not serve yet");
        }
    }

    public async ValueTask UnsubscribeAsync(Topic topic, CancellationToken cancellationToken)
    {
        var key = topic.ToKey();
        var number = _wanted.Unwant(key);
        if (_lease.Id is not { } gateway)
        {
            return;
        }

        try
        {
            await UnsubscribeAsync(key, gateway, number, cancellationToken);
        }
        catch
        {
            Background.Run(() => UnsubscribeLaterAsync(key, gateway, number));
            throw;
        }
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) =>
        _outboxes.TryGetValue(Lane.Of(topic.ToKey()), out var outbox) ? outbox.ReadyAsync(cancellationToken) : default;

    public PublishResult Publish(in Signal signal)
    {
        if (_lease.IsFenced)
        {
            return NotAccepted;
        }

        var receipt = signal.NeedsReceipt ? new ClusterReceipt() : null;
        var topic = signal.Topic.ToKey();
        var lane = Lane.Of(topic);
        var outbox = _outboxes.GetOrAdd(lane);
        while (!outbox.TryEnqueue(signal, topic, receipt))
        {
            outbox = _outboxes.Replace(lane, outbox);
        }

        return receipt is null ? default : new PublishResult(receipt);
    }

    public async ValueTask<ClusterAnswer> QueryAsync(ClusterQuery query, CancellationToken cancellationToken)
    {
        if (_lease.IsFenced)
        {
            return ClusterAnswer.NotReady;
        }

        try
        {
            var answer = await _grains.GetGrain<IGatewayQueryGrain>(0).QueryAsync(query.ToWire()).AsTask().WaitAsync(cancellationToken);

            // A silo of 0.1.0 passes on only what it knows of the gateways' answers. The next one may know the query.
            return query.Kind is ClusterQueryKind.Status or ClusterQueryKind.Watch or ClusterQueryKind.Recheck && answer is { Outcome: QueryOutcome.Answered, Silos: null } ? ClusterAnswer.Lost : answer.ToAnswer();
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return ClusterAnswer.Lost;
        }
        catch (ArgumentException)
        {
            return ClusterAnswer.NotReady; // no silo knows this grain, because all of them are older than this gateway
        }
    }

    /// <summary>Completes when no lane holds a signal: at once, or when the last one has been acknowledged.</summary>
    public Task WhenIdle()
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        idle = Interlocked.CompareExchange(ref _idle, idle, null) ?? idle;
        SignalIfIdle();
        return idle.Task;
    }

    public void Dispose() => _subscribeCalls.Dispose();

    private async Task UnsubscribeAsync(TopicKey key, Guid gateway, long number, CancellationToken cancellationToken)
    {
        await _subscribeCalls.WaitAsync(cancellationToken);
        try
        {
            await Lane.Of(key).Grain(_grains).UnsubscribeAsync(key, gateway, number);
        }
        finally
        {
            _subscribeCalls.Release();
        }
    }

    // In a quiet topic nothing else tells the silo, which would take this gateway for a keeper until the end of its lease. The number says that a later subscribe takes precedence.
    private async Task UnsubscribeLaterAsync(TopicKey key, Guid gateway, long number)
    {
        for (var delay = FirstUnsubscribeDelay; delay <= LongestUnsubscribeDelay; delay *= 2)
        {
            await Task.Delay(delay, _timeProvider);
            if (_lease.Id != gateway)
            {
                return;
            }

            try
            {
                await UnsubscribeAsync(key, gateway, number, CancellationToken.None);
                return;
            }
#pragma warning disable CA1031 // The top of a loop: it is tried again after any exception.
            catch (Exception)
#pragma warning restore CA1031
            {
                // The first failure has been logged.
            }
        }
    }

    // With a part of the headers this gateway could be the only one that answers a recovery, and repeats of the other messages would be delivered twice.
    private async ValueTask<KeptAnswer> WithAllHeadersAsync(Lane lane, TopicKey key, KeptAnswer answer)
    {
        if (answer.MoreHeadersAfter == 0)
        {
            return answer;
        }

        var headers = new List<KeptHeader>(answer.Headers);
        for (var after = answer.MoreHeadersAfter; after > 0;)
        {
            var page = await lane.Grain(_grains).FetchHeadersAsync(new FetchRequest(key, after, answer.Head, IsNewestFirst: false, answer.Ballot));
            if (page.Epoch != answer.Marks[^1].Epoch || (page.MoreHeadersAfter != 0 && page.MoreHeadersAfter <= after))
            {
                return KeptAnswer.NotReady; // it is another log by now, or an answer that would never end
            }

            headers.AddRange(page.Headers);
            after = page.MoreHeadersAfter;
        }

        return answer with { Headers = [.. headers], MoreHeadersAfter = 0 };
    }

    // Takes the answer of a lane, unless another activation leads it by now.
    private bool TryInstall(Lane lane, Ballot? ballot, Action install)
    {
        if (ballot is null)
        {
            install();
            return true;
        }

        using var entry = _promises.Enter(lane, ballot);
        if (entry.IsAllowed)
        {
            install();
        }

        return entry.IsAllowed;
    }

    private long OldestSequence() => _outboxes.Values.Aggregate(long.MaxValue, static (oldest, outbox) => Math.Min(oldest, outbox.OldestSequence));

    private void Forget(LaneOutbox outbox)
    {
        _outboxes.Remove(outbox.Lane, outbox);
        SignalIfIdle();
    }

    // One barrier is between removing a lane and reading who waits; the other is between registering a waiter and reading the lanes. One of the two
    // therefore sees what the other has done.
    private void SignalIfIdle()
    {
        Interlocked.MemoryBarrier();
        if (_idle is { } idle && _outboxes.IsEmpty && Interlocked.CompareExchange(ref _idle, null, idle) == idle)
        {
            idle.SetResult();
        }
    }
}

/// <summary>Reports that the cluster cannot do this now. The call can be repeated.</summary>
internal sealed class ClusterNotReadyException(string message) : Exception($"The cluster is not ready: {message}.");
