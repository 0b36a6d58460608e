using System.Net;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Connections;
using Direct.Edge.Diagnostics;
using Direct.Edge.Identity;
using Direct.Edge.Keeping;
using Direct.Edge.Lifetime;
using Direct.Edge.Node;
using Direct.Edge.Presence;
using Direct.Edge.Rights;
using Direct.Edge.Subscriptions;
using Direct.Edge.Timing;
using Direct.Edge.Topics;
using Direct.Edge.Watching;
using Direct.Keeping;
using Direct.Lookups;
using Direct.Memory;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Represents a gateway without sockets: a hub, its index and its clock, composed as in production, with fake transports.</summary>
internal sealed class TestGateway : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly FakeLifetime _lifetime = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<KeptTopics> _kept;
    private readonly Lazy<(ConnectionHub Hub, Admission Admission, TopicSubscriptions Subscriptions)> _built;

    public TestGateway(long queueBytes = 1L << 40)
    {
        Watch = new MemoryWatch(new ProcessMemory(() => HeapBytes, long.MaxValue), new MemoryOptions { BudgetBytes = HeapBudget }, Clock);
        _built = new(Build);
        Wheel = new DeadlineWheel(Clock);
        Metrics = new GatewayMetrics(_meters);
        Gate = new NodeGate(Clock);
        Watches = new WatchRecorder(Options.Create(Watching), Clock);
        Queues = new QueueBudget(queueBytes, Watch);
        Index = new TopicIndex(Options.Create(Topics), Queues, Metrics, Gate);
        _kept = new(() => new KeptTopics(
            Index, Options.Create(Keep), Options.Create(RightsOptions), new KeepBudget(Keep.BytesPerProcess, Keep.Window, Watch, Clock), Wheel, Metrics));
        Health = new NodeHealth(Gate, _lifetime);
        PresenceHandler = NewDesk(null);
    }

    /// <summary>Specifies the memory budget of the heap.</summary>
    public const long HeapBudget = 1L << 40;

    /// <summary>Gets or sets the size of the heap.</summary>
    public long HeapBytes { get; set; }

    public MemoryWatch Watch { get; }

    public QueueBudget Queues { get; }

    public ManualTimeProvider Clock { get; } = new();

    public NodeOptions Node { get; } = new() { Environment = "test" };

    public ConnectionOptions Connections { get; } = new();

    public LimitOptions Limits { get; } = new();

    public SessionOptions Sessions { get; } = new();

    public TopicOptions Topics { get; } = new();

    public SignalOptions Signals { get; } = new();

    public SubscriptionOptions Subscriptions { get; } = new();

    public IdempotencyOptions Idempotency { get; } = new();

    public WatchOptions Watching { get; } = new();

    /// <summary>Gets what is kept, which is settled at the first connection. Nothing is kept by default.</summary>
    public KeepOptions Keep { get; } = new() { BytesPerProcess = 1L << 40 };

    public KeptTopics Kept => _kept.Value;

    /// <summary>Gets the session store, which is used only when <see cref="Node"/> is not a test node.</summary>
    public ISessionStore? Store { get; init; }

    /// <summary>Gets the session store that the hub uses, once the hub is built. It holds no store when tokens are not looked up.</summary>
    public SessionStoreInUse StoreInUse { get; private set; } = null!;

    public RightsOptions RightsOptions { get; } = new();

    /// <summary>Gets the source of rights; null if everyone may do everything.</summary>
    public IRightsSource? RightsSource { get; init; }

    /// <summary>Gets the rights that the hub uses, once the hub is built.</summary>
    public RoomRights Rights { get; private set; } = null!;

    /// <summary>Gets whether topics need subscriptions on <see cref="Faulty"/>; otherwise the backplane is the in-process one.</summary>
    public bool IsClustered { get; init; }

    public RecordingLogger Logger { get; } = new();

    public GatewayMetrics Metrics { get; }

    public TestMeters Meters => _meters;

    public NodeGate Gate { get; }

    public TopicIndex Index { get; }

    public NodeHealth Health { get; }

    public PresenceHandler PresenceHandler { get; }

    public DeadlineWheel Wheel { get; }

    public WatchRecorder Watches { get; }

    public ConnectionRegistry Registry { get; } = new();

    public ConnectionHub Hub => _built.Value.Hub;

    public Admission Admission => _built.Value.Admission;

    public TopicSubscriptions TopicSubscriptions => _built.Value.Subscriptions;

    public FaultyBackplane Faulty { get; private set; } = null!;

    public IBackplane Backplane { get; private set; } = null!;

    public InMemoryClient Connect(FakeTransport? transport = null, IPAddress? address = null)
    {
        transport ??= new FakeTransport();
        address ??= IPAddress.Loopback;
        return new InMemoryClient(Hub.Open(transport, new ClientAddress(address.ToString(), address)), transport);
    }

    /// <summary>Returns a connection that speaks <c>direct.2</c> and has sent nothing.</summary>
    public InMemoryClient ConnectDirect2(FakeTransport? transport = null)
    {
        transport ??= new FakeTransport();
        return new InMemoryClient(Hub.Open(transport, new ClientAddress("127.0.0.1", IPAddress.Loopback), speaksDirect2: true), transport);
    }

    /// <summary>Returns a connection that speaks <c>direct.2</c> and has joined rooms, written as <c>7,1</c>.</summary>
    public async Task<InMemoryClient> JoinDirect2Async(params IEnumerable<string> rooms)
    {
        var client = ConnectDirect2();
        await client.SendTextAsync(string.Join('\n', rooms.Select(room => $"join {room}").Prepend("auth token")));
        return client;
    }

    /// <summary>Returns a connection that has sent its token.</summary>
    public async Task<InMemoryClient> EnterAsync(FakeTransport? transport = null)
    {
        var client = Connect(transport);
        await client.EnterAsync();
        return client;
    }

    /// <summary>Returns a connection that has joined a group and channel.</summary>
    public async Task<InMemoryClient> JoinAsync(long group, long channel, FakeTransport? transport = null)
    {
        var client = await EnterAsync(transport);
        await client.JoinAsync(group, channel);
        return client;
    }

    /// <summary>Sends a signal. Returns the number of connections that it was queued for.</summary>
    public int Signal(long group, long channel, long user, string text)
    {
        var target = new Target(group, channel, user);
        _ = Hub;
        var payload = System.Text.Encoding.UTF8.GetBytes(text);
        return FaultyBackplane.InProcess(new TopicFanOut(Kept, Index, Memory, Watches)).Publish(new Signal(Topic.For(target), target, payload)).Receipt.Delivered;
    }

    /// <summary>Returns the access rules by the current settings.</summary>
    public SignalAccess NewSignalAccess() => new(
        Options.Create(Signals),
        Options.Create(Node),
        new ClientAddressReader(new TrustedProxies(Options.Create(new IdentityOptions()))),
        new ForeignPage(new AllowedOrigins(Options.Create(Connections))),
        new FailedAttempts(Options.Create(Signals), Clock, Logger.For<FailedAttempts>()),
        Metrics);

    /// <summary>Returns a presence handler of this gateway, with canaries or without.</summary>
    public PresenceHandler NewDesk(ICanaries? canaries) => new(
        Index,
        new StatusReader(Index, Registry, Queues, Metrics, Gate, Health, Clock, canaries),
        new WatchReader(Watches, Wheel),
        NewRechecks(new RoomRights(Metrics)));

    /// <summary>Returns the rechecks of this gateway's members.</summary>
    public RecheckRuns NewRechecks(RoomRights rights) => new(
        rights,
        new MembershipRecheck(rights, Registry, Index, Metrics, Options.Create(RightsOptions), Clock, Logger.For<MembershipRecheck>()),
        Clock,
        Logger.For<RecheckRuns>());

    /// <summary>Returns rights by the current settings.</summary>
    public RoomRights NewRights(IRightsSource? source) => source is null
        ? new RoomRights(Metrics)
        : new RoomRights(source, new LookupMetrics(_meters, "rights"), Options.Create(RightsOptions), Metrics, Clock, Logger.For<RoomRights>());

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _lifetime.Dispose();
        Wheel.Dispose();
        Queues.Dispose();
        Metrics.Dispose();
        _meters.Dispose();
        Logger.ThrowOnErrors();
    }

    private IdempotencyCache Memory => new(Options.Create(Idempotency), Clock);

    private (ConnectionHub Hub, Admission Admission, TopicSubscriptions Subscriptions) Build()
    {
        var connections = Options.Create(Connections);
        Wheel.Start();
        Rights = NewRights(RightsSource);
        _ = Rights.RunAsync(_stop.Token); // ends with the test
        var fanOut = new TopicFanOut(Kept, Index, Memory, Watches);
        Faulty = new FaultyBackplane(fanOut);
        Backplane = IsClustered ? Faulty : FaultyBackplane.InProcess(fanOut, PresenceHandler);
        var limits = new EffectiveLimits(Options.Create(Limits), Options.Create(Node), Options.Create(new EndpointOptions()), new FileDescriptorLimit(long.MaxValue));
        var (node, sessions) = (Options.Create(Node), Options.Create(Sessions));
        StoreInUse = new SessionStoreInUse(node, sessions, Store is null ? [] : [Store]);
        var identities = new IdentityResolver(node, sessions, new LocalTestIds(), StoreInUse, Metrics, Clock, Logger.For<IdentityResolver>());
        var admission = new Admission(limits, Wheel);
        var subscriptions = new TopicSubscriptions(Backplane, Options.Create(Subscriptions), Wheel, Clock, Logger.For<TopicSubscriptions>(), Kept);
        var broadcasts = new BroadcastPublisher(Backplane, Queues, connections);
        var login = new Login(identities, subscriptions, admission);
        var join = new RoomJoin(Rights, subscriptions, Clock);
        var lines = new LineHandler(identities, login, join, Rights, subscriptions, broadcasts, admission, Queues, connections, Metrics, Clock);
        var commands = new CommandHandler(login, join, Rights, broadcasts, lines, admission, Options.Create(RightsOptions), Metrics);
        var dependencies = new ConnectionDependencies(
            connections, limits, new FrameHandler(commands, connections, Wheel), Index, subscriptions, Kept, Queues, Wheel, Gate);
        var hub = new ConnectionHub(dependencies, Registry, admission, Queues, Wheel, Watches, Metrics, Logger.For<ConnectionHub>());
        return (hub, admission, subscriptions);
    }
}
