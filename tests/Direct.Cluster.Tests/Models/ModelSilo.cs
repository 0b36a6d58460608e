using Direct.Grains;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Testing.Linked;
using Microsoft.Extensions.Logging.Abstractions;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a silo: the real classes, and a table of gateways that the model writes.</summary>
internal sealed class ModelSilo
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(2);

    private readonly FakeMemoryWatch _memory = new();
    private readonly TimeProvider _time;
    private readonly SeededNetwork _network;
    private readonly Func<LaneRouter> _newRouter;

    public ModelSilo(ModelProcess process, GrainMetrics metrics, TimeProvider time, SeededNetwork network, IGrainFactory grains)
    {
        (Process, _time, _network) = (process, time, network);
        Gateways = new LiveGateways(metrics, FakeMemoryWatch.Plenty(), LocalGateways, time, NullLogger<LiveGateways>.Instance);
        var logs = new LaneLogs(metrics, Gateways, new KeepBudget(1 << 20, KeepFor, _memory, time), 1 << 20, KeepFor, time);
        _newRouter = () => new LaneRouter(Gateways, _memory, metrics, logs, time, Lanes.Silo);
        Publisher = new SiloPublisher(Lanes, Gateways, _memory, grains, time);
    }

    public ModelProcess Process { get; }

    public LocalGateways LocalGateways { get; } = new();

    public LocalLanes Lanes { get; } = new();

    public LiveGateways Gateways { get; }

    public SiloPublisher Publisher { get; }

    /// <summary>Gets or sets whether the cluster considers it active.</summary>
    public bool IsMember { get; set; } = true;

    public ModelLane Activate(Lane lane) => new(lane, this, _newRouter());

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

        public Task<RecoverAnswer[]?> RecoverAsync(RecoverRequest[] requests) => throw new NotSupportedException();

        public Task<TailPage> ReadKeptAsync(FetchRequest request) => throw new NotSupportedException();

        public Task<bool> KeepAsync(KeepRequest[] requests) => throw new NotSupportedException();
    }
}
