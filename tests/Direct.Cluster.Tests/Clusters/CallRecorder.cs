using System.Collections.Concurrent;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>What the silos of one cluster are called with, what they call gateways with, and what gateways wait for.</summary>
internal sealed class CallRecorder
{
    private static readonly ConcurrentDictionary<string, CallRecorder> Recorders = new();

    private readonly ConcurrentQueue<(GrainId Grain, string Method)> _calls = new();
    private readonly ConcurrentQueue<(object? Argument, SiloAddress Silo)> _statelessCalls = new();
    private int _subscribes;
    private int _mostSubscribes;

    /// <summary>Calls of lane grains.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> LaneCalls => [.. _calls.Where(call => call.Method != Deliver && !IsPublisher(call.Grain))];

    /// <summary>Calls of publishers.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> PublisherCalls => [.. _calls.Where(call => call.Method != Deliver && IsPublisher(call.Grain))];

    /// <summary>Calls of gateways' observers.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> Deliveries => [.. _calls.Where(call => call.Method == Deliver)];

    /// <summary>Calls of grains that are activated wherever they are called: the first argument, and the silo.</summary>
    public IReadOnlyList<(object? Argument, SiloAddress Silo)> StatelessCalls => [.. _statelessCalls];

    private static string Deliver => nameof(IGatewayObserver.DeliverAsync);

    public static CallRecorder Of(string clusterId) => Recorders.GetOrAdd(clusterId, static _ => new CallRecorder());

    /// <summary>Gets the most subscribes that gateways waited for at once.</summary>
    public int MostSubscribes => Volatile.Read(ref _mostSubscribes);

    /// <summary>Gets or sets what each publish and each delivery waits for, before it is made and again before its answer is given.</summary>
    public Func<Task> Delay { get; set; } = static () => Task.CompletedTask;

    public void Clear() => _calls.Clear();

    private async Task DelayAsync(IGrainCallContext context)
    {
        await Delay();
        await context.Invoke();
        await Delay();
    }

    private static bool IsPublisher(GrainId grain) => grain.Type.ToString() == "direct.publisher";

    private async Task CountSubscribeAsync(IGrainCallContext context)
    {
        var underWay = Interlocked.Increment(ref _subscribes);
        for (var most = MostSubscribes; underWay > most; most = MostSubscribes)
        {
            Interlocked.CompareExchange(ref _mostSubscribes, underWay, most);
        }

        try
        {
            await context.Invoke();
        }
        finally
        {
            Interlocked.Decrement(ref _subscribes);
        }
    }

    internal sealed class Incoming(IOptions<ClusterOptions> cluster, ILocalSiloDetails silo) : IIncomingGrainCallFilter
    {
        private readonly CallRecorder _recorder = Of(cluster.Value.ClusterId);

        public Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Grain is ILaneGrain or IPublisherGrain)
            {
                _recorder._calls.Enqueue((context.TargetId, context.MethodName));
            }
            else if (context.Grain is IGatewayQueryGrain or ICanaryGrain)
            {
                _recorder._statelessCalls.Enqueue((context.Request.GetArgument(0), silo.SiloAddress));
            }

            return context.MethodName == nameof(ILaneGrain.PublishAsync) ? _recorder.DelayAsync(context) : context.Invoke();
        }
    }

    /// <summary>Of a silo, and of a gateway's client.</summary>
    internal sealed class Outgoing(IOptions<ClusterOptions> cluster) : IOutgoingGrainCallFilter
    {
        private readonly CallRecorder _recorder = Of(cluster.Value.ClusterId);

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.MethodName == Deliver)
            {
                _recorder._calls.Enqueue((context.TargetId, context.MethodName));
                return _recorder.DelayAsync(context);
            }

            return context.MethodName == nameof(ILaneGrain.SubscribeAsync) ? _recorder.CountSubscribeAsync(context) : context.Invoke();
        }
    }
}
