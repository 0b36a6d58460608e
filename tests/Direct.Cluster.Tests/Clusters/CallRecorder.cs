using System.Collections.Concurrent;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Cluster.Tests.Clusters;

/// <summary>What the silos of one cluster are called with, and what they call gateways with.</summary>
internal sealed class CallRecorder
{
    private static readonly ConcurrentDictionary<string, CallRecorder> Recorders = new();

    private readonly ConcurrentQueue<(GrainId Grain, string Method)> _calls = new();
    private readonly ConcurrentDictionary<string, int> _underWay = new();
    private readonly ConcurrentDictionary<string, int> _most = new();

    /// <summary>Calls of topic grains.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> TopicCalls => [.. _calls.Where(call => call.Method != Deliver)];

    /// <summary>Calls of gateways' observers.</summary>
    public IReadOnlyList<(GrainId Grain, string Method)> Deliveries => [.. _calls.Where(call => call.Method == Deliver)];

    private static string Deliver => nameof(IGatewayObserver.DeliverAsync);

    public static CallRecorder Of(string clusterId) => Recorders.GetOrAdd(clusterId, static _ => new CallRecorder());

    /// <summary>The most calls of this method that were under way at once.</summary>
    public int Most(string method) => _most.GetValueOrDefault(method);

    public void Clear() => _calls.Clear();

    private async Task RecordAsync(GrainId grain, string method, Func<Task> invoke)
    {
        _calls.Enqueue((grain, method));
        var underWay = _underWay.AddOrUpdate(method, 1, static (_, count) => count + 1);
        _most.AddOrUpdate(method, underWay, (_, most) => Math.Max(most, underWay));
        try
        {
            await invoke();
        }
        finally
        {
            _underWay.AddOrUpdate(method, 0, static (_, count) => count - 1);
        }
    }

    internal sealed class Incoming(IOptions<ClusterOptions> cluster) : IIncomingGrainCallFilter
    {
        private readonly CallRecorder _recorder = Of(cluster.Value.ClusterId);

        public Task Invoke(IIncomingGrainCallContext context) => context.Grain is ITopicGrain
            ? _recorder.RecordAsync(context.TargetId, context.MethodName, context.Invoke)
            : context.Invoke();
    }

    internal sealed class Outgoing(IOptions<ClusterOptions> cluster) : IOutgoingGrainCallFilter
    {
        private readonly CallRecorder _recorder = Of(cluster.Value.ClusterId);

        public Task Invoke(IOutgoingGrainCallContext context) => context.MethodName == Deliver
            ? _recorder.RecordAsync(context.TargetId, context.MethodName, context.Invoke)
            : context.Invoke();
    }
}
