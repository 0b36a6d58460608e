using System.Net;
using Direct.Grains;
using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Model.Tests.Simulation;
using Direct.Testing.Linked;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Model.Tests.Processes;

/// <summary>Represents a silo: the real classes, and a table of gateways that comes from the registry of the model.</summary>
internal sealed class ModelSilo : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly ModelCluster _cluster;
    private readonly FakeMemoryWatch _memory = new();
    private readonly FakeMembership _membership = new();
    private readonly LocalLanes _lanes = new();
    private readonly GrainMetrics _metrics;
    private readonly LaneLogs _logs;
    private readonly LaneRecoveryContext _recovery;
    private readonly FakeSiloLifecycle _lifecycle = new();
    private readonly Dictionary<Guid, GatewayEntry> _entries = [];

    public ModelSilo(SimulatedProcess process, ModelCluster cluster)
    {
        (Process, _cluster) = (process, cluster);
        var time = process.Clock;
        _metrics = cluster.GrainMetrics;
        Gateways = new LiveGateways(_metrics, FakeMemoryWatch.Plenty(), new LocalGateways(), time, NullLogger<LiveGateways>.Instance);
        var limits = cluster.Limits;
        _logs = new LaneLogs(_metrics, Gateways, new KeepBudget(limits.BytesPerSilo, limits.Window, _memory, time), cluster.Without.Is(Rule.Tail) ? 1 : limits.BytesPerTopic, limits.Window, time);
        _recovery = new LaneRecoveryContext(
            Gateways, new DepartedSilos(_membership, time), _metrics, Options.Create(new LaneLogOptions()), time, NullLogger<LaneRecovery>.Instance);
        new KeepBeforeStop(_logs, Gateways, _metrics, time, NullLogger<KeepBeforeStop>.Instance).Participate(_lifecycle);
        Publisher = new SiloPublisher(_lanes, Gateways, _memory, ModelGrains.Of(cluster, process), time);
        process.Post(() => _ = PollAsync());
    }

    public SimulatedProcess Process { get; }

    public LiveGateways Gateways { get; }

    public SiloPublisher Publisher { get; }

    /// <summary>Gets or sets whether the cluster considers it active.</summary>
    public bool IsMember { get; set; } = true;

    /// <summary>Gets or sets whether it hosts new activations.</summary>
    public bool IsStopping { get; set; }

    /// <summary>Gets or sets the time of the last answered poll.</summary>
    public long PolledAt { get; set; }

    public LaneGrain NewGrain(Lane lane) => lane.Scope switch
    {
        TopicScope.User => new UserPartitionGrain(Gateways, _memory, _lanes, _metrics, _logs, _recovery, Process.Clock),
        TopicScope.Group => new GroupGrain(Gateways, _memory, _lanes, _metrics, _logs, _recovery, Process.Clock),
        TopicScope.Channel => new ChannelGrain(Gateways, _memory, _lanes, _metrics, _logs, _recovery, Process.Clock),
        TopicScope.Room => new RoomGrain(Gateways, _memory, _lanes, _metrics, _logs, _recovery, Process.Clock),
        _ => new EveryoneGrain(Gateways, _memory, _lanes, _metrics, _logs, _recovery, Process.Clock),
    };

    /// <summary>Tells this silo that another one has left.</summary>
    public void Departed(int number) => _membership.Set(SiloAddress.New(IPAddress.Loopback, number, 1), SiloStatus.Dead);

    /// <summary>Puts on gateways what they lack of the logs of this silo.</summary>
    public Task KeepBeforeStopAsync() => _cluster.Without.Is(Rule.KeepBeforeStop) ? Task.CompletedTask : _lifecycle.StopAsync(CancellationToken.None);

    public void Dispose() => _logs.Dispose();

    private async Task PollAsync()
    {
        while (true)
        {
            var startedAt = Process.Clock.GetTimestamp();
            try
            {
                var (isMember, gateways) = await _cluster.Network.CallAsync($"poll", Process, () => _cluster.Registry, 1, () => Task.FromResult(_cluster.Poll(this)));
                if (!isMember)
                {
                    _cluster.Kill(this);
                    return;
                }

                Gateways.Confirm(new GatewayTable(Guid.Empty, 0, [.. gateways.Select(EntryOf)], 0), startedAt);
            }
            catch (TimeoutException)
            {
                // It polls again.
            }

            await Task.Delay(PollInterval, Process.Clock);
        }
    }

    private GatewayEntry EntryOf(Lease lease)
    {
        if (!_entries.TryGetValue(lease.Id, out var entry))
        {
            var observers = Enumerable.Range(0, ModelGateway.Stripes).Select(_ => (IGatewayObserver)new RemoteObserver(lease, Process, _cluster));
            entry = new GatewayEntry(lease.Id, lease.Gateway.Process.Name, [.. observers], Keeps: !_cluster.Without.Is(Rule.Recovery), KeepFor: _cluster.Limits.Window, RemembersIdsFor: TimeSpan.FromMinutes(5));
            _entries.Add(lease.Id, entry);
        }

        return entry;
    }
}
