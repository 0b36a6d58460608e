using System.Reflection;
using Direct.Grains.Topics;

namespace Direct.Cluster.Tests.Models;

/// <summary>
/// Represents the grain factory of one process, its lane grains and its publisher grains. It is a run-time proxy, because Orleans registers every
/// class that implements a grain interface as a grain.
/// </summary>
public class ModelGrains : DispatchProxy
{
    private ModelCluster? _cluster;
    private ModelProcess? _process;
    private Lane _lane;
    private long _key;

    internal static IGrainFactory Of(ModelCluster cluster, ModelProcess process) => Create<IGrainFactory>(cluster, process);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.Name, args![0]) switch
    {
        (nameof(IGrainFactory.GetGrain), var key) => Grain(targetMethod.ReturnType, key!),
        (nameof(IPublisherGrain.PublishAsync), PublishRequest[] requests) => new ValueTask<PublisherAnswer>(_cluster!.PublishAsync(_process!, _key, requests)),
        (nameof(ILaneGrain.PublishAsync), SignalBatch batch) => new ValueTask<PublishAnswer>(
            _cluster!.CallLaneAsync(_process!, _lane, $"publish {batch.Signals[0].Sequence}+{batch.Signals.Length}", 1, lane => lane.PublishAsync(batch, (Guid)args[1]!))),
        (nameof(ILaneGrain.CollectAsync), Guid publisher) => new ValueTask<PublishAnswer>(
            _cluster!.CallLaneAsync(_process!, _lane, $"collect {args[1]}", 3, lane => lane.Router.CollectAsync(publisher, (long)args[1]!))),
        (nameof(ILaneGrain.SubscribeAsync), TopicKey topic) => new ValueTask<bool>(
            _cluster!.CallLaneAsync(_process!, _lane, $"subscribe {topic}", 2, lane => new ValueTask<bool>(lane.Router.Subscribe(topic, (Guid)args[1]!, (long)args[2]!)))),
        (nameof(ILaneGrain.UnsubscribeAsync), TopicKey topic) => new ValueTask(
            _cluster!.CallLaneAsync(_process!, _lane, $"unsubscribe {topic}", 2, lane => lane.Unsubscribe(topic, (Guid)args[1]!, (long)args[2]!))),
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    private static T Create<T>(ModelCluster cluster, ModelProcess process)
        where T : class
    {
        var proxy = Create<T, ModelGrains>();
        var grains = (ModelGrains)(object)proxy;
        (grains._cluster, grains._process) = (cluster, process);
        return proxy;
    }

    private object Grain(Type type, object key)
    {
        if (type == typeof(IPublisherGrain))
        {
            var publisher = Create<IPublisherGrain>(_cluster!, _process!);
            ((ModelGrains)(object)publisher)._key = (long)key;
            return publisher;
        }

        return type == typeof(IRoomGrain) ? OfLane<IRoomGrain>(new Lane(TopicScope.Room, ModelCluster.Room.Id, ModelCluster.Room.ChannelId))
            : type == typeof(IUserPartitionGrain) ? OfLane<IUserPartitionGrain>(new Lane(TopicScope.User, (long)key, 0))
            : OfLane<IEveryoneGrain>(new Lane((TopicScope)(long)key, 0, 0));
    }

    private T OfLane<T>(Lane lane)
        where T : class
    {
        var grain = Create<T>(_cluster!, _process!);
        ((ModelGrains)(object)grain)._lane = lane;
        return grain;
    }
}
