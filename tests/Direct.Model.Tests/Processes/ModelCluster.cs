using Direct.Edge.Identity;
using Direct.Edge.Tests.Fakes;
using Direct.Gateway.Diagnostics;
using Direct.Grains;
using Direct.Grains.Topics;
using Direct.Model.Tests.Checks;
using Direct.Model.Tests.Simulation;

namespace Direct.Model.Tests.Processes;

/// <summary>
/// Represents the processes of a cluster, and what Orleans and the registry do: grains are placed, calls are carried, silos that are silent are given up, and leases end.
/// </summary>
internal sealed class ModelCluster : IDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(20);

    // See SiloTimes: a silo that is silent is given up, and its grains are started elsewhere some time later.
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(4.5);
    private static readonly TimeSpan HoldFor = TimeSpan.FromSeconds(1.5);

    private readonly SeededScheduler _scheduler;
    private readonly Dictionary<Lane, Activation> _directory = [];
    private readonly Dictionary<(SimulatedProcess From, long Key), ModelSilo> _publishers = [];
    private readonly Dictionary<Guid, Lease> _leases = [];

    public ModelCluster(SeededScheduler scheduler, ModelLimits limits, WithoutRule without, bool isTraced)
    {
        (_scheduler, Limits, Without) = (scheduler, limits, without);
        Trace = new Trace(scheduler, isTraced);
        Registry = new SimulatedProcess("registry", scheduler);
        Network = new SeededNetwork(scheduler, new SimulatedProcess("network", scheduler), Trace);
        GrainMetrics = new GrainMetrics(Meters);
        ClusterMetrics = new ClusterMetrics(Meters);
    }

    public Trace Trace { get; }

    public ModelLogs Logs { get; } = new();

    public CountingMeters Meters { get; } = new();

    public GrainMetrics GrainMetrics { get; }

    public ClusterMetrics ClusterMetrics { get; }

    public ModelLimits Limits { get; }

    /// <summary>Gets what takes a rule out of force.</summary>
    public WithoutRule Without { get; }

    /// <summary>Gets or sets how much may wait for a client.</summary>
    public int QueueBytes { get; set; } = 1 << 20;

    /// <summary>Gets the session store: a token is the number of its user.</summary>
    public FakeSessionStore Sessions { get; } = new(static (token, _) => ValueTask.FromResult(new Session(SessionStatus.Known, long.Parse(token, System.Globalization.CultureInfo.InvariantCulture))));

    public SeededNetwork Network { get; }

    /// <summary>Gets the process that holds leases and the table of silos. It does not fail; what it says is lost like everything else.</summary>
    public SimulatedProcess Registry { get; }

    public List<ModelSilo> Silos { get; } = [];

    public List<ModelGateway> Gateways { get; } = [];

    /// <summary>Gets the present activations.</summary>
    public IReadOnlyCollection<Activation> Activations => _directory.Values;

    /// <summary>Returns whether a lane has an activation.</summary>
    public bool IsActive(Lane lane) => _directory.TryGetValue(lane, out var activation) && activation.Silo.Process.IsAlive;

    public IEnumerable<ModelSilo> ActiveSilos => Silos.Where(static silo => silo.IsMember && !silo.IsStopping);

    public ModelSilo StartSilo()
    {
        var process = new SimulatedProcess($"silo{Silos.Count + 1}", _scheduler) { HasOneNumber = Without.Is(Rule.NewEpochIds) };
        process.WallClockAhead = _scheduler.Random.Next(4) == 0 ? TimeSpan.FromSeconds(_scheduler.Random.Next(-600, 600)) : TimeSpan.Zero;
        var silo = process.Within(() => new ModelSilo(process, this));
        silo.PolledAt = _scheduler.Now;
        Silos.Add(silo);
        Trace.Add($"{process} starts");
        return silo;
    }

    public ModelGateway StartGateway()
    {
        var process = new SimulatedProcess($"gateway{Gateways.Count + 1}", _scheduler);
        var gateway = process.Within(() => new ModelGateway(process, this));
        Gateways.Add(gateway);
        Trace.Add($"{process} starts");
        return gateway;
    }

    public void Kill(ModelSilo silo)
    {
        Trace.Add($"{silo.Process} is killed");
        silo.Process.Kill();
    }

    public void Kill(ModelGateway gateway)
    {
        Trace.Add($"{gateway.Process} is killed");
        gateway.Process.Kill();
    }

    /// <summary>Takes a silo out of the cluster. Its grains can be started elsewhere.</summary>
    public void Remove(ModelSilo silo)
    {
        if (!silo.IsMember)
        {
            return;
        }

        Trace.Add($"{silo.Process} is removed");
        silo.IsMember = false;
        foreach (var (lane, activation) in _directory.ToList())
        {
            if (activation.Silo == silo)
            {
                _directory.Remove(lane);
            }
        }

        foreach (var other in Silos.Where(static silo => silo.IsMember))
        {
            other.Departed(Silos.IndexOf(silo) + 1);
        }
    }

    /// <summary>Ends a silo in an orderly way: it refuses batches, its lanes move, its links deliver what they have, and it ends.</summary>
    public async Task StopAsync(ModelSilo silo, TimeSpan longest)
    {
        Trace.Add($"{silo.Process} stops");
        await silo.KeepBeforeStopAsync();
        silo.Gateways.BeginStopping();
        await Task.Delay(TimeSpan.FromMilliseconds(_scheduler.Random.Next(300)), silo.Process.Clock);
        silo.IsStopping = true;
        foreach (var activation in _directory.Values.Where(activation => activation.Silo == silo).ToList())
        {
            activation.EndSoon();
        }

        for (var end = _scheduler.Now + longest.Ticks; _scheduler.Now < end && !silo.Gateways.IsIdle;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), silo.Process.Clock);
        }

        Remove(silo);
        Kill(silo);
    }

    /// <summary>Forgets an activation that has ended.</summary>
    public void Forget(Activation activation)
    {
        if (_directory.TryGetValue(activation.Lane, out var present) && present == activation)
        {
            _directory.Remove(activation.Lane);
        }
    }

    /// <summary>Runs as long as the cluster: gives up silos and leases that are silent.</summary>
    public async Task WatchAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), Registry.Clock);
            foreach (var silo in Silos.Where(silo => silo.IsMember && _scheduler.Now - silo.PolledAt > (SilentFor + HoldFor).Ticks).ToList())
            {
                Remove(silo);
            }

            foreach (var lease in _leases.Values.Where(lease => lease.EndsAt <= _scheduler.Now).ToList())
            {
                Trace.Add($"the lease of {lease.Gateway.Process} ends");
                _leases.Remove(lease.Id);
            }
        }
    }

    /// <summary>Answers a silo, which must end if it is not a member.</summary>
    public (bool IsMember, List<Lease> Gateways) Poll(ModelSilo silo)
    {
        // One that was given up is not a member any more, although its grains are held for a while.
        var isMember = silo.IsMember && _scheduler.Now - silo.PolledAt <= SilentFor.Ticks;
        silo.PolledAt = isMember ? _scheduler.Now : silo.PolledAt;
        return (isMember, [.. _leases.Values]);
    }

    /// <summary>Registers a gateway, when all active silos know it.</summary>
    public async Task<bool> Register(Lease lease)
    {
        _leases.TryAdd(lease.Id, lease);
        lease.EndsAt = _scheduler.Now + LeaseDuration.Ticks;
        while (Silos.Exists(silo => silo.IsMember && !silo.Gateways.Links.Any(link => link.Id == lease.Id)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), Registry.Clock);
        }

        return _leases.ContainsKey(lease.Id);
    }

    public bool Renew(Guid id)
    {
        if (_leases.TryGetValue(id, out var lease))
        {
            lease.EndsAt = _scheduler.Now + LeaseDuration.Ticks;
            return true;
        }

        return false;
    }

    public Task<bool> Leave(Guid id) => Task.FromResult(_leases.Remove(id));

    /// <summary>Returns whether a gateway that has ended has a lease, so that the silos wait for it.</summary>
    public bool HasLease(ModelGateway gateway) => _leases.Values.Any(lease => lease.Gateway == gateway);

    /// <summary>Calls a publisher grain. A process reaches the same silo with the same key, until that silo ends.</summary>
    public Task<PublisherAnswer> CallPublisherAsync(SimulatedProcess from, long key, PublishRequest[] requests)
    {
        if (!_publishers.TryGetValue((from, key), out var silo) || !silo.IsMember || silo.IsStopping)
        {
            silo = AnySilo();
            if (silo is not null)
            {
                _publishers[(from, key)] = silo;
            }
        }

        return Network.CallAsync($"publisher {key} with {requests.Length}", from, () => silo?.Process, 1, () => silo!.Publisher.PublishAsync(requests).AsTask());
    }

    /// <summary>Calls a lane grain.</summary>
    public Task<T> CallLaneAsync<T>(SimulatedProcess from, Lane lane, CallName name, double seconds, Func<LaneGrain, ValueTask<T>> call)
    {
        Activation? activation = null;
        return Network.CallAsync(
            $"{lane} {name}", from, () => (activation = Find(lane))?.Silo.Process, seconds, async () => Without.FromLane(Logs.Record(await call(activation!.Grain))));
    }

    public void Dispose()
    {
        Gateways.ForEach(static gateway => gateway.Dispose());
        Silos.ForEach(static silo => silo.Dispose());
        ClusterMetrics.Dispose();
        GrainMetrics.Dispose();
        Meters.Dispose();
    }

    private Activation? Find(Lane lane)
    {
        if (_directory.TryGetValue(lane, out var activation))
        {
            return activation;
        }

        if (AnySilo() is not { } silo)
        {
            return null;
        }

        Trace.Add($"{lane} starts at {silo.Process}");
        return _directory[lane] = new Activation(lane, silo, this);
    }

    private ModelSilo? AnySilo()
    {
        var silos = ActiveSilos.ToList();
        return silos.Count == 0 ? null : silos[_scheduler.Random.Next(silos.Count)];
    }
}
