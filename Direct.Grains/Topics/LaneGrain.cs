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
internal abstract class LaneGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider) : Grain, ILaneGrain
{
    private const int CollectionAge = 3;

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepSoon = LaneRouter.KeepUnwantedFor + TimeSpan.FromMilliseconds(100);

    private readonly LaneRouter _router = new(gateways, memory, metrics, timeProvider, lanes.Silo);
    private Lane? _lane; // known after the first publish
    private IGrainTimer? _sweeps;
    private bool _isSweptSoon = true;

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
        metrics.LaneActivated();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.LaneDeactivated();
        if (_lane is { } lane)
        {
            lanes.Remove(lane, _router);
        }

        _router.Close();
        return Task.CompletedTask;
    }

    public ValueTask<bool> SubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        var isSubscribed = _router.Subscribe(topic, gateway, number);
        EndWhenPressed();
        return new ValueTask<bool>(isSubscribed);
    }

    public ValueTask UnsubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        _router.Unsubscribe(topic, gateway, number);
        EndWhenPressed();
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
            _lane = batch.Lane;
            lanes.Add(batch.Lane, _router);
        }

        var answer = _router.PublishAsync(batch, expectedEpoch);
        EndWhenPressed();
        return answer;
    }

    public ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence) => _router.CollectAsync(publisher, sequence);

    // Without memory, an activation that had to refuse its first call ends at once, because the next try may reach another silo.
    private void EndWhenPressed()
    {
        if (memory.Pressure is not MemoryPressure.None && _router.IsEmpty)
        {
            DeactivateOnIdle();
        }
    }

    private void Sweep()
    {
        _router.Sweep();
        _isSweptSoon = false;
        if (_router.UnusedFor < SweepPeriod)
        {
            DelayDeactivation(TimeSpan.FromMinutes(CollectionAge)); // Orleans does not count batches of publishers as calls of this grain
        }

        if (_router.IsIdle)
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
internal sealed class UserPartitionGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, timeProvider), IUserPartitionGrain;

[GrainType("direct.group")]
internal sealed class GroupGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, timeProvider), IGroupGrain;

[GrainType("direct.channel")]
internal sealed class ChannelGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, timeProvider), IChannelGrain;

[GrainType("direct.room")]
internal sealed class RoomGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, timeProvider), IRoomGrain;

[GrainType("direct.everyone")]
internal sealed class EveryoneGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider)
    : LaneGrain(gateways, memory, lanes, metrics, timeProvider), IEveryoneGrain;
