using Direct.Grains;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;
using Direct.Testing.Linked;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a silo: the real classes, and a table of gateways that the model writes.</summary>
internal sealed class ModelSilo
{
    private readonly FakeMemoryWatch _memory = new();
    private readonly GrainMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly SeededNetwork _network;

    public ModelSilo(ModelProcess process, GrainMetrics metrics, TimeProvider time, SeededNetwork network, IGrainFactory grains)
    {
        (Process, _metrics, _time, _network) = (process, metrics, time, network);
        Gateways = new LiveGateways(metrics, FakeMemoryWatch.Plenty(), LocalGateways, time, NullLogger<LiveGateways>.Instance);
        Publisher = new SiloPublisher(Lanes, Gateways, _memory, grains, time);
    }

    public ModelProcess Process { get; }

    public LocalGateways LocalGateways { get; } = new();

    public LocalLanes Lanes { get; } = new();

    public LiveGateways Gateways { get; }

    public SiloPublisher Publisher { get; }

    /// <summary>Gets or sets whether the cluster considers it active.</summary>
    public bool IsMember { get; set; } = true;

    public ModelLane Activate(Lane lane) => new(lane, this, new LaneRouter(Gateways, _memory, _metrics, _time, Lanes.Silo));

    /// <summary>Records an answer of the registry. Without gateways it closes all links, as the end of the process does.</summary>
    public void Confirm(IEnumerable<ModelGateway> gateways) =>
        Gateways.Confirm(new GatewayTable(Guid.Empty, 0, [.. gateways.Select(EntryOf)], 0), _time.GetTimestamp());

    private GatewayEntry EntryOf(ModelGateway gateway) =>
        new(gateway.Id, gateway.Process.Name, [.. Enumerable.Range(0, ModelGateway.Stripes).Select(_ => new RemoteObserver(gateway, Process, _network))]);

    /// <summary>Represents the observer of a gateway to a silo in another process.</summary>
    private sealed class RemoteObserver(ModelGateway gateway, ModelProcess silo, SeededNetwork network) : IGatewayObserver
    {
        public Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches) => network.CallAsync(
            $"deliver {string.Join(',', batches.Select(static batch => batch.Lane))}", silo, () => gateway.Process, TimeSpan.FromSeconds(1), _ => gateway.Observer.DeliverAsync(batches));

        public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => throw new NotSupportedException();
    }
}
