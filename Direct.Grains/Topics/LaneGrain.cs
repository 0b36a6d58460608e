using Direct.Grains.Links;
using Direct.Memory;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Direct.Grains.Topics;

/// <summary>One lane: see <see cref="ILaneGrain"/> for what it promises and <see cref="LaneRouter"/> for how.</summary>
/// <remarks>
/// Reentrant, because a publish that waits for a slow gateway must not hold up the next one. Random placement, because the default
/// puts fresh grains where they are first called from, which piles them up on one silo.
/// <para>
/// It ends some seconds after nobody has wanted any of its topics and nothing waits: rooms that strangers made up must not stay. One that
/// is wanted and quiet ends after the collection age, and starts over with the next signal.
/// </para>
/// </remarks>
[Reentrant, RandomPlacement, CollectionAgeLimit(Minutes = CollectionAge)]
internal abstract class LaneGrain(ILiveGateways gateways, IMemoryWatch memory, LocalLanes lanes, GrainMetrics metrics, TimeProvider timeProvider) : Grain, ILaneGrain
{
    private const int CollectionAge = 3;

    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepSoon = LaneRouter.KeepUnwantedFor + TimeSpan.FromMilliseconds(100);

    private readonly LaneRouter _router = new(gateways, memory, metrics, timeProvider, lanes.Silo);
    private Lane? _lane; // once something is published
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

    // Without memory an activation that had to refuse what it was made for ends at once: the next try may find another silo.
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
            DelayDeactivation(TimeSpan.FromMinutes(CollectionAge)); // what publishers place is no call of the grain's
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
