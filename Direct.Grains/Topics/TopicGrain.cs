using Direct.Grains.Links;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Direct.Grains.Topics;

/// <summary>One lane: see <see cref="ITopicGrain"/> for what it promises and <see cref="LaneRouter"/> for how.</summary>
/// <remarks>
/// Reentrant, because a publish that waits for a slow gateway must not hold up the next one. Random placement, because the default
/// puts fresh grains where they are first called from, which piles them up on one silo.
/// </remarks>
[Reentrant, RandomPlacement, CollectionAgeLimit(Minutes = 3)]
internal abstract class TopicGrain(ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider) : Grain, ITopicGrain
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    private readonly LaneRouter _router = new(gateways, metrics, timeProvider);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            static (router, _) =>
            {
                router.Sweep();
                return Task.CompletedTask;
            },
            _router,
            new GrainTimerCreationOptions(SweepPeriod, SweepPeriod) { KeepAlive = false });
        metrics.LaneActivated();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.LaneDeactivated();
        _router.Close();
        return Task.CompletedTask;
    }

    public ValueTask<bool> SubscribeAsync(TopicKey topic, Guid gateway, long number) => new(_router.Subscribe(topic, gateway, number));

    public ValueTask UnsubscribeAsync(TopicKey topic, Guid gateway, long number)
    {
        _router.Unsubscribe(topic, gateway, number);
        return default;
    }

    public ValueTask<PublishAnswer> PublishAsync(SignalBatch batch, Guid expectedEpoch) => _router.PublishAsync(batch, expectedEpoch);

    public ValueTask<PublishAnswer> CollectAsync(Guid publisher, long sequence) => _router.CollectAsync(publisher, sequence);
}

[GrainType("direct.user-partition")]
internal sealed class UserPartitionGrain(ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider) : TopicGrain(gateways, metrics, timeProvider), IUserPartitionGrain;

[GrainType("direct.group")]
internal sealed class GroupGrain(ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider) : TopicGrain(gateways, metrics, timeProvider), IGroupGrain;

[GrainType("direct.channel")]
internal sealed class ChannelGrain(ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider) : TopicGrain(gateways, metrics, timeProvider), IChannelGrain;

[GrainType("direct.room")]
internal sealed class RoomGrain(ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider) : TopicGrain(gateways, metrics, timeProvider), IRoomGrain;

[GrainType("direct.everyone")]
internal sealed class EveryoneGrain(ILiveGateways gateways, GrainMetrics metrics, TimeProvider timeProvider) : TopicGrain(gateways, metrics, timeProvider), IEveryoneGrain;
