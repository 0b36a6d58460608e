using Direct.Edge.Node;
using Direct.Gateway.Canaries;
using Direct.Gateway.Cluster;
using Direct.Gateway.Diagnostics;
using Direct.Gateway.Tests.Fakes;
using Direct.Grains.Gateways;
using Direct.Memory;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Cluster;

/// <summary>Provides the lease of a gateway with a fake registry whose responses the test sets.</summary>
internal sealed class GatewayLeaseFixture : IAsyncDisposable
{
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    public GatewayLeaseFixture()
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        Metrics = new ClusterMetrics(Meters);
        Promises = new LanePromises(Time, Kept);
        Received = new LaneDeduplicator(Sink, Wanted, Promises, Time);
        Gate = new NodeGate(Time);
        Fence = new FakeFence(Gate);
        Canaries = new CanaryBoard(Options.Create(CanaryOptions), Gate, Metrics, Time, NullLogger<CanaryBoard>.Instance);
        Lease = new GatewayLease(
            Grains, Received, Sink, PresenceHandler, new RecoveryHandler(Promises, Kept), Wanted, Gate, Connections, Canaries, new Lazy<INodeFence>(Fence), Options.Create(BackplaneOptions),
            Options.Create(new EndpointOptions { Port = 18085 }), Metrics, Time, Log, Local);
    }

    public TestMeters Meters { get; } = new();

    public ClusterMetrics Metrics { get; }

    public ManualTimeProvider Time { get; } = new();

    public SiloConnections Connections { get; } = new();

    public FakeGrains Grains { get; } = new();

    public FakeRegistry Registry => Grains.Registry;

    public FakeSink Sink { get; } = new();

    public FakePresenceHandler PresenceHandler { get; } = new();

    public WantedTopics Wanted { get; } = new();

    public FakeKeptLanes Kept { get; } = new();

    public LanePromises Promises { get; }

    public LaneDeduplicator Received { get; }

    public CanaryOptions CanaryOptions { get; } = new();

    public CanaryBoard Canaries { get; }

    public NodeGate Gate { get; }

    public RecordingLogger<GatewayLease> Log { get; } = new();

    public FakeFence Fence { get; }

    public LocalGateways Local { get; } = new();

    public BackplaneOptions BackplaneOptions { get; } = new() { Stripes = 2 };

    public QueueBudget Queues { get; } = FakeMemoryWatch.Plenty();

    public GatewayLease Lease { get; }

    public async Task StartAsync()
    {
        await Lease.StartAsync(CancellationToken.None);
    }

    public async Task StartAndRegisterAsync()
    {
        await StartAsync();
        await RegisteredAsync();
    }

    public Task RegisteredAsync() => Deadline.UntilAsync(
        "the gateway is registered and lets people in", () => Lease.Id is not null && Gate.IsOpen, actual: () => $"{Registry.Registered.Count} tries");

    /// <summary>Moves the clock in steps. Before each step it waits until the loops of the lease have armed their timers.</summary>
    /// <param name="span">The time to move.</param>
    /// <param name="timers">The number of armed timers to wait for: one while registering, two while a lease is held (the watch, and a renewal or the time to the next).</param>
    /// <param name="until">A condition that ends the move earlier.</param>
    public async Task RunAsync(TimeSpan span, int timers = 2, Func<bool>? until = null)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            await Deadline.UntilAsync(
                $"{timers} timers wait, {passed} of {span}",
                () => Time.ArmedTimers >= timers || until?.Invoke() == true,
                actual: () => $"{Time.ArmedTimers} timers, {Registry.Registered.Count} registered, {Registry.Renewed.Count} renewed, {Fence.Calls} fenced");
            if (until?.Invoke() == true)
            {
                return;
            }

            Time.Advance(Step);
        }
    }

    /// <summary>Gets the observer references that a silo would call now.</summary>
    public IGatewayObserver[] Observers => Registry.Registered[^1].Observers;

    public async ValueTask DisposeAsync()
    {
        Registry.OnRenew = static _ => Task.FromException<RenewAnswer>(new TimeoutException());
        Fence.End();
        var stopping = Lease.StopAsync(CancellationToken.None);
        await Deadline.UntilAsync("the lease stops", () =>
        {
            Time.Advance(Step); // a call may be under way that is never answered
            return stopping.IsCompleted;
        });
        await stopping;
        Lease.Dispose();
    }
}
