using System.Globalization;
using System.Reflection;
using System.Text;
using Direct.Cluster.Tests.Clusters;
using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Edge.Topics;
using Direct.Gateway.Canaries;
using Direct.Gateway.Cluster;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Gateways;
using Direct.Testing.Linked;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Cluster.Tests.Models;

/// <summary>Represents a gateway: the real classes, a lease that the model grants, and connections that record what they receive.</summary>
internal sealed class ModelGateway : ISignalSink, IDisposable
{
    public const int Stripes = 2;

    // The only part of the lease that does not come from NodeGate. The real one needs the calls of the registry.
    private static readonly FieldInfo Entry = typeof(GatewayLease).GetField("_entry", BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly ModelCluster _cluster;
    private readonly List<ModelConnection> _members = [];
    private readonly NodeGate _gate;
    private readonly GatewayLease _lease;
    private int _connections;
    private int _signals;

    public ModelGateway(ModelProcess process, ModelSilo? silo, ModelCluster cluster, ClusterMetrics metrics, TimeProvider time)
    {
        (Process, _cluster, _gate) = (process, cluster, new NodeGate(time));
        var grains = ModelGrains.Of(cluster, process);
        var wanted = new WantedTopics();
        var options = Options.Create(new BackplaneOptions { Name = process.Name, Stripes = Stripes });
        var kept = new NothingKept();
        var promises = new LanePromises(time, kept);
        var recovery = new RecoveryHandler(promises, kept);
        var received = new LaneDeduplicator(this, wanted, promises, time);
        var canaries = new CanaryBoard(Options.Create(new CanaryOptions()), _gate, metrics, time, NullLogger<CanaryBoard>.Instance);
        _lease = new GatewayLease(
            grains, received, this, null!, recovery, wanted, _gate, new SiloConnections(), canaries, new Lazy<INodeFence>(), options,
            Options.Create(new EndpointOptions()), metrics, time, NullLogger<GatewayLease>.Instance);
        Entry.SetValue(_lease, new GatewayEntry(Id, process.Name, []));
        Observer = new GatewayObserver(received, this, null!, recovery, canaries, _lease, time);
        silo?.LocalGateways.Add(Id, [Observer, Observer]);
        Backplane = new ClusterBackplane(
            grains, wanted, _lease, promises, options, FakeMemoryWatch.Plenty(), metrics, time, NullLogger<ClusterBackplane>.Instance, silo?.Publisher);
    }

    public ModelProcess Process { get; }

    public Guid Id { get; } = Guid.NewGuid();

    public GatewayObserver Observer { get; }

    public ClusterBackplane Backplane { get; }

    /// <summary>Gets every connection that it has had.</summary>
    public List<ModelConnection> Connections { get; } = [];

    /// <summary>Gets every signal that it has published.</summary>
    public List<ModelSignal> Signals { get; } = [];

    public void Join(Topic topic)
    {
        var connection = new ModelConnection($"{Process.Name}-c{++_connections}", this, topic, _cluster.NextMoment());
        _members.Add(connection);
        Connections.Add(connection);
        _cluster.Trace.Add($"{connection} joins");
    }

    public void LeaveAll(Topic topic) => Leave(member => member.IsIn(topic));

    /// <summary>Sets the end of the lease. The connections close by then, and nobody relies on them from now on.</summary>
    public void EndLease(long end)
    {
        _gate.LeaseUntil(end);
        foreach (var connection in _members)
        {
            connection.LeftAt = _cluster.NextMoment();
        }
    }

    /// <summary>Publishes a signal, and records its final receipt when it arrives.</summary>
    public async Task PublishAsync(Topic topic, bool hasId)
    {
        var signal = new ModelSignal(this, ++_signals, topic, _cluster.NextMoment());
        Signals.Add(signal);
        _cluster.Trace.Add($"{signal} is published");
        var text = string.Create(CultureInfo.InvariantCulture, $"{_cluster.Gateways.IndexOf(this)}/{signal.Number}");
        var result = Backplane.Publish(new Signal(topic, default, Encoding.UTF8.GetBytes(text), hasId ? text : null));
        signal.Receipt = result.Pending is { } pending ? await pending.Completion : result.Receipt;
        signal.ReceiptAt = _cluster.NextMoment();
        _cluster.Trace.Add($"{signal} has {signal.Receipt}");
    }

    public void Deliver(ReadOnlySpan<Signal> signals, Span<Delivery> deliveries)
    {
        for (var i = 0; i < signals.Length; i++)
        {
            var parts = Encoding.UTF8.GetString(signals[i].Payload.Span).Split('/');
            var signal = _cluster.Gateways[int.Parse(parts[0], CultureInfo.InvariantCulture)].Signals[int.Parse(parts[1], CultureInfo.InvariantCulture) - 1];
            var count = 0;
            foreach (var member in _members)
            {
                if (member.IsIn(signal.Topic))
                {
                    member.Received.Add(signal);
                    count++;
                }
            }

            deliveries[i] = new Delivery(ReceiptStatus.Delivered, count);
            _cluster.Trace.Add($"{Process.Name} delivers {signal} to {count}");
        }
    }

    public ValueTask ReadyAsync(Topic topic, CancellationToken cancellationToken) => new(_cluster.SlowDownAsync());

    public void Dispose()
    {
        Backplane.Dispose();
        _lease.Dispose();
    }

    private void Leave(Predicate<ModelConnection> isLeaving)
    {
        foreach (var connection in _members.FindAll(isLeaving))
        {
            connection.LeftAt = Math.Min(connection.LeftAt, _cluster.NextMoment());
            _members.Remove(connection);
        }
    }
}
