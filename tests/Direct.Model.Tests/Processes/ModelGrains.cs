using System.Reflection;
using Direct.Grains.Topics;
using Direct.Model.Tests.Simulation;

namespace Direct.Model.Tests.Processes;

/// <summary>
/// Represents the grain factory of one process, its lane grains and its publisher grains. It is a run-time proxy, because Orleans registers every
/// class that implements a grain interface as a grain.
/// </summary>
public class ModelGrains : DispatchProxy
{
    private readonly Dictionary<(Type, object), object> _grains = [];
    private ModelCluster? _cluster;
    private SimulatedProcess? _process;
    private Lane _lane;
    private long _key;

    internal static IGrainFactory Of(ModelCluster cluster, SimulatedProcess process) => Create<IGrainFactory>(cluster, process);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.Name, args![0]) switch
    {
        (nameof(IGrainFactory.GetGrain), var key) => Grain(targetMethod.ReturnType, key!),
        (nameof(IPublisherGrain.PublishAsync), PublishRequest[] requests) => new ValueTask<PublisherAnswer>(_cluster!.CallPublisherAsync(_process!, _key, requests)),
        (nameof(ILaneGrain.PublishAsync), SignalBatch batch) => new ValueTask<PublishAnswer>(CallAsync($"publish {batch.Signals[0].Sequence}+{batch.Signals.Length}", 1, lane => lane.PublishAsync(_cluster!.Without.ToLane(batch), (Guid)args[1]!))),
        (nameof(ILaneGrain.CollectAsync), Guid publisher) => new ValueTask<PublishAnswer>(CallAsync($"collect {args[1]}", 3, lane => lane.CollectAsync(publisher, (long)args[1]!))),
        (nameof(ILaneGrain.SubscribeAsync), TopicKey topic) => new ValueTask<bool>(CallAsync($"subscribe {topic}", 2, lane => lane.SubscribeAsync(topic, (Guid)args[1]!, (long)args[2]!))),
        (nameof(ILaneGrain.SubscribeKeptAsync), TopicKey topic) => new ValueTask<KeptAnswer>(CallAsync($"keep {topic} #{args[2]}", 2, lane => lane.SubscribeKeptAsync(topic, (Guid)args[1]!, (long)args[2]!))),
        (nameof(ILaneGrain.FetchAsync), FetchRequest request) => new ValueTask<TailPage>(CallAsync($"fetch {request.Topic} {request.After}-{request.Through}", 2, lane => lane.FetchAsync(request))),
        (nameof(ILaneGrain.HandOverAsync), Guid gateway) => new ValueTask<bool>(CallAsync($"hand over {string.Join(',', ((HandOverRequest[])args[1]!).Select(static request => request.Topic))}", 3, lane => lane.HandOverAsync(gateway, (HandOverRequest[])args[1]!))),
        (nameof(ILaneGrain.UnsubscribeAsync), TopicKey topic) => new ValueTask(CallAsync($"unsubscribe {topic} #{args[2]}", 2, lane => UnsubscribeAsync(lane, topic, (Guid)args[1]!, (long)args[2]!))),
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    private static async ValueTask<bool> UnsubscribeAsync(LaneGrain lane, TopicKey topic, Guid gateway, long number)
    {
        await lane.UnsubscribeAsync(topic, gateway, number);
        return true;
    }

    private static T Create<T>(ModelCluster cluster, SimulatedProcess process)
        where T : class
    {
        var proxy = Create<T, ModelGrains>();
        var grains = (ModelGrains)(object)proxy;
        (grains._cluster, grains._process) = (cluster, process);
        return proxy;
    }

    private Task<T> CallAsync<T>(CallName name, double seconds, Func<LaneGrain, ValueTask<T>> call) => _cluster!.CallLaneAsync(_process!, _lane, name, seconds, call);

    private object Grain(Type type, object key) => _grains.TryGetValue((type, key), out var known) ? known : _grains[(type, key)] = NewGrain(type, key);

    private object NewGrain(Type type, object key)
    {
        if (type == typeof(IPublisherGrain))
        {
            var publisher = Create<IPublisherGrain>(_cluster!, _process!);
            ((ModelGrains)(object)publisher)._key = (long)key;
            return publisher;
        }

        return type == typeof(IRoomGrain) ? OfLane<IRoomGrain>(RoomLane((string)key))
            : type == typeof(IUserPartitionGrain) ? OfLane<IUserPartitionGrain>(new Lane(TopicScope.User, (long)key, 0))
            : type == typeof(IGroupGrain) ? OfLane<IGroupGrain>(new Lane(TopicScope.Group, (long)key, 0))
            : type == typeof(IChannelGrain) ? OfLane<IChannelGrain>(new Lane(TopicScope.Channel, (long)key, 0))
            : OfLane<IEveryoneGrain>(new Lane((TopicScope)(long)key, 0, 0));
    }

    private static Lane RoomLane(string key)
    {
        var ids = Array.ConvertAll(key.Split('/'), long.Parse);
        return new Lane(TopicScope.Room, ids[0], ids[1]);
    }

    private T OfLane<T>(Lane lane)
        where T : class
    {
        var grain = Create<T>(_cluster!, _process!);
        ((ModelGrains)(object)grain)._lane = lane;
        return grain;
    }
}
