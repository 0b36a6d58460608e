using Direct.Grains.Links;
using Direct.Memory;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Direct.Grains.Topics;

/// <summary>Hosts one lane. <see cref="ILaneGrain"/> states the contract; <see cref="LaneRouter"/> implements it.</summary>
/// <remarks>
/// Reentrant, because a publish that waits for a slow gateway must not delay the next one. Random placement, because the default places a new
/// grain on the silo that calls it first, which concentrates the grains on one silo.
/// <para>
/// The activation ends some seconds after its topics have lost their last subscriber and nothing waits, so that rooms invented by strangers do not
/// accumulate. A quiet lane with subscribers ends after the collection age, and starts anew with the next signal.
/// </para>
/// </remarks>
[Reentrant, RandomPlacement, CollectionAgeLimit(Minutes = CollectionAge)]
internal abstract class LaneGrain : Grain, ILaneGrain
{
    private const int CollectionAge = 3;

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepSoon = LaneRouter.KeepUnwantedFor + TimeSpan.FromMilliseconds(100);

    private readonly ILiveGateways _gateways;
    private readonly IMemoryWatch _memory;
    private readonly LocalLanes _lanes;
    private readonly GrainMetrics _metrics;
    private readonly LaneRouter _router;
    private readonly LaneRecoveryRun _recovery;
    private readonly RingTakeover _takeover;
    private Lane? _lane; // known after the first publish, which has waited for the recovery
    private IGrainTimer? _sweeps;
    private bool _isSweptSoon = true;

    protected LaneGrain(
        ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, LaneLogs logs, LaneRecoveryContext recovery, TimeProvider timeProvider)
    {
        (_gateways, _memory, _lanes, _metrics) = (gateways, memory, lanes, metrics);
        _router = new LaneRouter(gateways, memory, metrics, logs, timeProvider, lanes.Silo);
        _recovery = new LaneRecoveryRun(_router, recovery);
        _takeover = new RingTakeover(_router, recovery);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _sweeps = this.RegisterGrainTimer(
            static (grain, _) =>
            {
                grain.Sweep();
                return Task.CompletedTask;
            },
            this,
            new GrainTimerCreationOptions(SweepSoon, SweepPeriod) { KeepAlive = false });
        _metrics.LaneActivated();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _metrics.LaneDeactivated();
        if (_lane is { } lane)
        {
            _lanes.Remove(lane, _router);
        }

        _recovery.End();
        _router.Close();
        return Task.CompletedTask;
    }

    public ValueTask<bool> SubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        var isSubscribed = _router.Subscribe(topic, gateway, number);
        _recovery.BeginIfNeeded(Lane.Of(topic)); // in a quiet topic nobody may publish before the last gateway leaves that keeps it
        EndWhenUseless();
        return new ValueTask<bool>(isSubscribed);
    }

    // During a recovery it waits: the gateway has reported the topic already, and would be entered as its keeper afterwards.
    public ValueTask UnsubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        if (_recovery.IsRunning)
        {
            return UnsubscribeLaterAsync(topic, gateway, number);
        }

        _router.Unsubscribe(topic, gateway, number);
        EndWhenUseless();
        if (!_isSweptSoon)
        {
            SweepAgainSoon();
        }

        return default;
    }

    public ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        if (_lane is null)
        {
            if (_gateways.IsFenced)
            {
                _metrics.Refused("fenced");
                return new ValueTask<PublishAnswer>(LaneRouter.NotReady); // it may not know yet that there is something to recover
            }

            if (_recovery.IsNeededFor(batch.Lane))
            {
                return RecoverAndPublishAsync(batch, expectedEpoch);
            }

            _lane = batch.Lane;
            _lanes.Add(batch.Lane, _router);
        }

        var answer = _router.PublishAsync(batch, expectedEpoch);
        EndWhenUseless();
        return answer;
    }

    public ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence) => _router.CollectAsync(publisher, sequence);

    public async ValueTask<KeptAnswer> SubscribeKeptAsync(TopicKey topic, Guid gateway, long number)
    {
        if (!await _recovery.TryRecoverAsync(Lane.Of(topic)))
        {
            return KeptAnswer.NotReady;
        }

        var answer = _router.SubscribeKept(topic, gateway, number);
        EndWhenUseless();
        return answer;
    }

    public async ValueTask<TailPage> FetchAsync(FetchRequest request)
    {
        var lane = Lane.Of(request.Topic);
        if (_recovery.IsNeededFor(lane))
        {
            await _recovery.TryRecoverAsync(lane);
        }

        var page = _router.Fetch(request);
        EndWhenUseless();
        return page;
    }

    public ValueTask<HeaderPage> FetchHeadersAsync(FetchRequest request)
    {
        var page = _router.FetchHeaders(request);
        EndWhenUseless();
        return new ValueTask<HeaderPage>(page);
    }

    public async ValueTask<bool> HandOverAsync(Guid gateway, HandOverRequest[] topics)
    {
        if (topics.Length == 0 || !await _recovery.TryRecoverAsync(Lane.Of(topics[0].Topic)))
        {
            return topics.Length == 0;
        }

        await _takeover.RunAsync(gateway, topics);
        return _router.TryHandOver(gateway, topics);
    }

    private async ValueTask<PublishAnswer> RecoverAndPublishAsync(SignalBatch batch, Guid expectedEpoch)
    {
        if (!await _recovery.TryRecoverAsync(batch.Lane))
        {
            _metrics.Refused("recovering");
            return LaneRouter.NotReady;
        }

        return await PublishAsync(batch, expectedEpoch);
    }

    private async ValueTask UnsubscribeLaterAsync(TopicKey topic, Guid gateway, long number)
    {
        await _recovery.WaitAsync();
        await UnsubscribeAsync(topic, gateway, number);
    }

    // Without memory, an activation that had to refuse its first call ends at once, because the next try may reach another silo. One that was replaced
    // refuses everything.
    private void EndWhenUseless()
    {
        if (_router.IsSuperseded || (_memory.Pressure is not MemoryPressure.None && _router.IsEmpty && !_recovery.IsRunning))
        {
            DeactivateOnIdle();
        }
    }

    private void Sweep()
    {
        _router.Sweep();
        _isSweptSoon = false;
        if (_router.UnusedFor < SweepPeriod || _router.HasRecords)
        {
            DelayDeactivation(TimeSpan.FromMinutes(CollectionAge)); // Orleans does not count batches of publishers as calls of this grain
        }

        if (_router.IsSuperseded || (_router.IsIdle && !_recovery.IsRunning))
        {
            DeactivateOnIdle();
        }
        else if (_router.HasUnwanted)
        {
            SweepAgainSoon();
        }
    }

    private void SweepAgainSoon()
    {
        _isSweptSoon = true;
        _sweeps?.Change(SweepSoon, SweepPeriod);
    }
}

[GrainType("direct.user-partition")]
internal sealed class UserPartitionGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, LaneLogs logs, LaneRecoveryContext recovery, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, logs, recovery, timeProvider), IUserPartitionGrain;

[GrainType("direct.group")]
internal sealed class GroupGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, LaneLogs logs, LaneRecoveryContext recovery, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, logs, recovery, timeProvider), IGroupGrain;

[GrainType("direct.channel")]
internal sealed class ChannelGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, LaneLogs logs, LaneRecoveryContext recovery, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, logs, recovery, timeProvider), IChannelGrain;

[GrainType("direct.room")]
internal sealed class RoomGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, LaneLogs logs, LaneRecoveryContext recovery, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, logs, recovery, timeProvider), IRoomGrain;

[GrainType("direct.everyone")]
internal sealed class EveryoneGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, LaneLogs logs, LaneRecoveryContext recovery, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, logs, recovery, timeProvider), IEveryoneGrain;
