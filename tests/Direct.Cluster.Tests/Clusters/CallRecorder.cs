using System.Collections.Concurrent;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>Records the grain calls to the silos of one cluster, their calls to gateways, and the subscribe calls under way.</summary>
internal sealed class CallRecorder
{
    private static readonly ConcurrentDictionary<string, CallRecorder> Recorders = new();

    private readonly ConcurrentQueue<(GrainId Grain, string Method)> _calls = new();
    private readonly ConcurrentQueue<(object? Argument, SiloAddress Silo)> _statelessCalls = new();
    private int _subscribes;
    private int _mostSubscribes;

    /// <summary>Gets the calls to lane grains.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> LaneCalls => [.. _calls.Where(call => call.Method != Deliver && !IsPublisher(call.Grain))];

    /// <summary>Gets the calls to publisher grains.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> PublisherCalls => [.. _calls.Where(call => call.Method != Deliver && IsPublisher(call.Grain))];

    /// <summary>Gets the calls to the observers of gateways.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> Deliveries => [.. _calls.Where(call => call.Method == Deliver)];

    /// <summary>Gets the calls to stateless worker grains, each with its first argument and the silo that ran it.</summary>
    public IReadOnlyList<(object? Argument, SiloAddress Silo)> StatelessCalls => [.. _statelessCalls];

    private static string Deliver => nameof(IGatewayObserver.DeliverAsync);

    public static CallRecorder Of(string clusterId) => Recorders.GetOrAdd(clusterId, static _ => new CallRecorder());

    /// <summary>Gets the largest number of subscribe calls that gateways waited for at once.</summary>
    public int MostSubscribes => Volatile.Read(ref _mostSubscribes);

    /// <summary>Gets or sets a delay that each publish and each delivery awaits, before the call and again before its response.</summary>
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

    /// <summary>Records the outgoing calls of silos and of gateway clients.</summary>
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
