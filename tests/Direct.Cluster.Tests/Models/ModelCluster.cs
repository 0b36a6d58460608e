using System.Reflection;
using Direct.Grains.Topics;

namespace Direct.Cluster.Tests.Models;

/// <summary>
/// Represents a cluster of one lane: the grain factory, the lane grain, and a publisher grain before it. It is a run-time proxy, because Orleans
/// registers every class that implements a grain interface as a grain.
/// </summary>
public class ModelCluster : DispatchProxy
{
    private ModelLane? _lane;

    internal static IGrainFactory Of(ModelLane lane) => Create<IGrainFactory>(lane);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        nameof(IGrainFactory.GetGrain) when targetMethod.ReturnType == typeof(IPublisherGrain) => Create<IPublisherGrain>(_lane!),
        nameof(IGrainFactory.GetGrain) => Create<IRoomGrain>(_lane!),
        nameof(IPublisherGrain.PublishAsync) when args![0] is PublishRequest[] requests => new ValueTask<PublisherAnswer>(PublishAsync(requests)),
        nameof(IRoomGrain.PublishAsync) => new ValueTask<PublishAnswer>(_lane!.PublishAsync((SignalBatch)args![0]!, (Guid)args[1]!)),
        nameof(IRoomGrain.CollectAsync) => new ValueTask<PublishAnswer>(_lane!.CollectAsync((Guid)args![0]!, (long)args[1]!)),
        _ => throw new NotSupportedException(targetMethod?.Name),
    };

    private async Task<PublisherAnswer> PublishAsync(PublishRequest[] requests)
    {
        var answers = new PublishAnswer?[requests.Length];
        for (var i = 0; i < requests.Length; i++)
        {
            try
            {
                answers[i] = await _lane!.PublishAsync(requests[i].Batch, requests[i].ExpectedEpoch);
            }
            catch (TimeoutException)
            {
                answers[i] = null; // the request or the response was lost
            }
        }

        return new PublisherAnswer(Guid.Empty, answers);
    }

    private static T Create<T>(ModelLane lane)
        where T : class
    {
        var proxy = Create<T, ModelCluster>();
        ((ModelCluster)(object)proxy)._lane = lane;
        return proxy;
    }
}
