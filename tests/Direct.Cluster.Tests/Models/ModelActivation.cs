using Direct.Grains;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;
using Direct.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents one activation of the lane, on a separate silo that ends with it.</summary>
internal sealed class ModelActivation : ILiveGateways, IMemoryWatch
{
    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
    private readonly LinkSettings _settings;
    private readonly LaneRouter _router;
    private volatile IReadOnlyList<GatewayLink> _links = [];
    private volatile bool _isDead;

    public ModelActivation(GrainMetrics metrics, TimeProvider time, IEnumerable<ModelGateway> gateways)
    {
        _settings = new LinkSettings(time, NullLogger.Instance);
        _router = new LaneRouter(this, this, metrics, time);
        foreach (var gateway in gateways)
        {
            Add(gateway);
        }
    }

    bool ILiveGateways.IsFenced => false;

    IReadOnlyList<IGatewayLink> ILiveGateways.Links => _links;

    MemoryPressure IMemoryWatch.Pressure => MemoryPressure.None;

    /// <summary>Registers a gateway.</summary>
    public void Add(ModelGateway gateway) =>
        _links = [.. _links, new GatewayLink(new GatewayEntry(gateway.Id, "g", [new Observer(gateway, this)]), _settings)];

    /// <summary>Runs one call in the turns of the activation. Throws when the silo ends before the response is sent.</summary>
    public async Task<T> RunAsync<T>(Func<LaneRouter, ValueTask<T>> turn)
    {
        var answer = await Task.Factory.StartNew(() => turn(_router).AsTask(), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns).Unwrap();
        return _isDead ? throw new TimeoutException("the silo is dead") : answer;
    }

    /// <summary>Ends the silo: it makes no further calls, and its responses are lost.</summary>
    public void Die()
    {
        _isDead = true;
        foreach (var link in _links)
        {
            link.Close();
        }
    }

    /// <summary>Represents the path to a gateway: some calls fail before they arrive, and some responses are lost.</summary>
    private sealed class Observer(ModelGateway gateway, ModelActivation activation) : IGatewayObserver
    {
        public async Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
        {
            await ModelLane.MayFailAsync();
            if (activation._isDead)
            {
                throw new TimeoutException("the silo is dead");
            }

            var answers = gateway.Received.Deliver(batches);
            await ModelLane.MayFailAsync();
            return answers;
        }

        public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => throw new NotSupportedException();
    }
}
