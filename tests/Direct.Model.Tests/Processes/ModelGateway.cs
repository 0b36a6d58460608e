using System.Reflection;
using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Lifetime;
using Direct.Edge.Node;
using Direct.Edge.Protocol;
using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Edge.Watching;
using Direct.Gateway.Canaries;
using Direct.Gateway.Cluster;
using Direct.Gateway.Publishing;
using Direct.Grains.Gateways;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Model.Tests.Simulation;
using Direct.Testing.Linked;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ConnectionOptions = Direct.Edge.Connections.ConnectionOptions;

namespace Direct.Model.Tests.Processes;

/// <summary>Represents a gateway: the real classes from the outbox to the connection, and a lease that the registry of the model grants.</summary>
internal sealed class ModelGateway : IDisposable
{
    public const int Stripes = 2;

    private static readonly TimeSpan FenceAfter = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);

    // The only part of the lease that does not come from NodeGate. The real one needs the calls of the registry.
    private static readonly FieldInfo Entry = typeof(GatewayLease).GetField("_entry", BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static readonly IOptions<NodeOptions> Node = Options.Create(new NodeOptions { Environment = "prod" });

    private static readonly EffectiveLimits Unlimited = new(
        Options.Create(new LimitOptions
        {
            MessagesPerSecond = 1_000_000,
            MessageBurst = 1_000_000,
            JoinsPerSecond = 1_000_000,
            JoinBurst = 1_000_000,
            JoinsPerSecondPerAddress = 1_000_000,
            JoinBurstPerAddress = 1_000_000,
            AcceptsPerSecond = 1_000_000,
        }),
        Node, Options.Create(new EndpointOptions()), new FileDescriptorLimit(long.MaxValue));

    private readonly ModelCluster _cluster;
    private readonly GatewayMetrics _metrics;
    private readonly GatewayLease _lease;
    private readonly NodeFence _fence;
    private readonly LaneDeduplicator _received;
    private readonly TopicFanOut _fanOut;
    private readonly RecoveryHandler _recovery;
    private readonly CanaryBoard _canaries;
    private readonly KeptHandover _handover;
    private readonly NodeHealth _health;
    private readonly WantedTopics _wanted = new();
    private readonly ConnectionRegistry _registry = new();
    private bool _isAllReleased;

    public ModelGateway(SimulatedProcess process, ModelCluster cluster)
    {
        (Process, _cluster) = (process, cluster);
        var time = process.Clock;
        var memory = new FakeMemoryWatch();
        var queues = FakeMemoryWatch.Plenty();
        var grains = ModelGrains.Of(cluster, process);
        _metrics = new GatewayMetrics(cluster.Meters);
        Gate = new NodeGate(time);
        Gate.Shut();
        _health = new NodeHealth(Gate, null!);
        Wheel = new DeadlineWheel(time);
        Wheel.Start();
        var index = new TopicIndex(Options.Create(new TopicOptions()), queues, _metrics, Gate);
        var limits = cluster.Limits;
        var keep = Options.Create(new KeepOptions { Role = KeepRole.Keeper, Window = cluster.Without.Is(Rule.Window) ? TimeSpan.FromSeconds(10) : limits.Window, BytesPerTopic = limits.BytesPerTopic, BytesPerProcess = limits.BytesPerGateway });
        Kept = new KeptTopics(
            index, keep, Options.Create(new RightsOptions()), new KeepBudget(limits.BytesPerGateway, limits.Window, memory, time), Wheel, _metrics);
        var watches = new WatchRecorder(Options.Create(new WatchOptions()), time);
        _fanOut = new TopicFanOut(Kept, index, new IdempotencyCache(Options.Create(new IdempotencyOptions()), time), watches);
        var promises = new LanePromises(time, new KeptLanes(Kept, _wanted, time, _health));
        _recovery = new RecoveryHandler(promises, new KeptLanes(Kept, _wanted, time, _health));
        _received = new LaneDeduplicator(_fanOut, _wanted, promises, time);
        var backplane = Options.Create(new BackplaneOptions { Name = process.Name, Stripes = Stripes });
        _canaries = new CanaryBoard(Options.Create(new CanaryOptions()), Gate, cluster.ClusterMetrics, time, NullLogger<CanaryBoard>.Instance);
        _lease = new GatewayLease(
            grains, _received, _fanOut, null!, _recovery, _wanted, Gate, new SiloConnections(), _canaries, new Lazy<INodeFence>(), backplane,
            Options.Create(new EndpointOptions()), cluster.ClusterMetrics, time, NullLogger<GatewayLease>.Instance);
        Backplane = new ClusterBackplane(grains, _wanted, _lease, promises, backplane, queues, cluster.ClusterMetrics, time, NullLogger<ClusterBackplane>.Instance);

        var connections = Options.Create(new ConnectionOptions { Direct2 = true, QueueBytes = cluster.QueueBytes, MaxMessageBytes = 4096, ReadTimeout = TimeSpan.FromDays(1) });
        var sessions = Options.Create(new SessionOptions());
        var store = new SessionStoreInUse(Node, sessions, [cluster.Sessions]);
        var identities = new IdentityResolver(Node, sessions, new LocalTestIds(), store, _metrics, time, NullLogger<IdentityResolver>.Instance);
        _handover = new KeptHandover(new KeptLaneCalls(grains, NullLogger<KeptLaneCalls>.Instance), Kept, _lease, backplane, time, NullLogger<KeptHandover>.Instance);
        var admission = new Admission(Unlimited, Wheel);
        var subscriptions = new TopicSubscriptions(Backplane, Options.Create(new SubscriptionOptions()), Wheel, time, NullLogger<TopicSubscriptions>.Instance, Kept);
        var broadcasts = new BroadcastPublisher(Backplane, queues, connections);
        var rights = new RoomRights(_metrics);
        var login = new Login(identities, subscriptions, admission);
        var join = new RoomJoin(rights, subscriptions, time);
        var lines = new LineHandler(identities, login, join, rights, subscriptions, broadcasts, admission, queues, connections, _metrics, time);
        var commands = new CommandHandler(login, join, rights, broadcasts, lines, admission, Options.Create(new RightsOptions()), _metrics);
        var dependencies = new ConnectionDependencies(connections, Unlimited, new FrameHandler(commands, connections, Wheel), index, subscriptions, Kept, queues, Wheel, Gate);
        Hub = new ConnectionHub(dependencies, _registry, admission, queues, Wheel, watches, _metrics, NullLogger<ConnectionHub>.Instance);
        _fence = new NodeFence(Gate, _registry, subscriptions, rights);
        process.Post(() => _ = RunAsync());
    }

    public SimulatedProcess Process { get; }

    public NodeGate Gate { get; }

    public DeadlineWheel Wheel { get; }

    public KeptTopics Kept { get; }

    public ConnectionHub Hub { get; }

    public ClusterBackplane Backplane { get; }

    /// <summary>Gets whether it admits clients.</summary>
    public bool IsOpen => Process.IsAlive && !IsDraining && Gate.IsOpen && HasLease;

    public bool IsDraining { get; private set; }

    /// <summary>Gets whether the registry has answered its registration, and the lease is not lost as far as it knows.</summary>
    public bool HasLease { get; private set; }

    /// <summary>Returns the ballot of the log that it keeps of a topic; null if there is none.</summary>
    public Ballot? BallotOf(TopicKey topic) => Kept.FindFollowed(topic.ToTopic())?.Read(static (_, _, _, ballot, _) => Tuple.Create(ballot.ToWire()))?.Item1;

    /// <summary>Delivers batches, and answers whether they are visible or not.</summary>
    public GatewayAnswer[]? DeliverUnlessOver(SignalBatch[] batches, Guid id) => _lease.IsFenced || _lease.Id != id ? null : _received.Deliver(batches);

    /// <summary>Closes all connections, hands over what waits, gives the lease back, and ends.</summary>
    public async Task DrainAsync(TimeSpan duration)
    {
        IsDraining = true;
        _health.StartDraining();
        foreach (var connection in _registry.Connections.ToList())
        {
            await Task.Delay(duration / 4, Process.Clock);
            connection.BeginClose(CloseReason.GatewayDraining);
        }

        await _registry.WhenEmpty();
        await Backplane.WhenIdle();
        if (!_cluster.Without.Is(Rule.HandOver))
        {
            await _handover.StopAsync(CancellationToken.None);
        }

        if (_lease.Id is { } id)
        {
            Gate.Shut();
            Entry.SetValue(_lease, null);
            HasLease = false;
            await TryAsync($"leave", () => _cluster.Leave(id));
        }

        _cluster.Kill(this);
    }

    public void Dispose()
    {
        Backplane.Dispose();
        _lease.Dispose();
        _metrics.Dispose();
    }

    // As GatewayLease does.
    private async Task RunAsync()
    {
        while (!IsDraining)
        {
            var id = Process.NewGuid();
            var lease = new Lease(id, this, new GatewayObserver(_received, _fanOut, null!, _recovery, _canaries, _lease, Process.Clock));
            var startedAt = Process.Clock.GetTimestamp();
            while (!await TryAsync($"register", () => _cluster.Register(lease), seconds: 6))
            {
                await Task.Delay(RetryDelay, Process.Clock);
                startedAt = Process.Clock.GetTimestamp();
            }

            Gate.LeaseUntil(startedAt + FenceAfter.Ticks);
            Entry.SetValue(_lease, new GatewayEntry(id, Process.Name, []));
            _fence.BeginLease();
            Gate.Open();
            HasLease = true;
            _cluster.Trace.Add($"{Process} is registered");
            await RenewAsync(id);
            if (IsDraining)
            {
                return;
            }

            HasLease = false;
            Gate.Fence();
            Entry.SetValue(_lease, null);
            _cluster.Trace.Add($"{Process} is fenced");
            await _fence.CloseAllAsync();
            _wanted.Clear();
            await TryAsync($"leave", () => _cluster.Leave(id));
            lease.Observer.End();
            Gate.EndLease();
        }
    }

    // Returns when the lease is lost.
    private async Task RenewAsync(Guid id)
    {
        while (true)
        {
            for (var end = Process.Clock.GetTimestamp() + RenewInterval.Ticks; Process.Clock.GetTimestamp() < end;)
            {
                if (Gate.IsFenced)
                {
                    return;
                }

                if (!_isAllReleased && _cluster.Without.Is(Rule.TopicOfAll) && Kept.Find(Topic.All) is not null)
                {
                    _isAllReleased = true;
                    Kept.Release(Topic.All, TimeSpan.FromSeconds(10));
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), Process.Clock);
            }

            var startedAt = Process.Clock.GetTimestamp();
            bool? isKnown = null;
            while (isKnown is null && !Gate.IsFenced)
            {
                startedAt = Process.Clock.GetTimestamp();
                isKnown = await CallAsync($"renew", () => Task.FromResult<bool?>(_cluster.Renew(id)), 1);
                if (isKnown is null)
                {
                    await Task.Delay(RetryDelay, Process.Clock);
                }
            }

            if (isKnown is not true || Gate.IsFenced)
            {
                return;
            }

            Gate.LeaseUntil(startedAt + FenceAfter.Ticks);
        }
    }

    private async Task<bool> TryAsync(CallName name, Func<Task<bool>> call, double seconds = 1) =>
        await CallAsync(name, async () => (bool?)await call(), seconds) is true;

    // Returns null if there is no answer.
    private async Task<bool?> CallAsync(CallName name, Func<Task<bool?>> call, double seconds)
    {
        try
        {
            return await _cluster.Network.CallAsync(name, Process, () => _cluster.Registry, seconds, call);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
