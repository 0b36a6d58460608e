using System.Diagnostics.Metrics;
using Direct.Edge.Topics;
using Direct.Gateway.Cluster;
using Direct.Gateway.Diagnostics;
using Direct.Grains;
using Direct.Grains.Topics;
using Direct.Testing.Time;

namespace Direct.Cluster.Tests.Models;

/// <summary>
/// Represents a cluster whose every event follows from a seed. The publishing and delivering classes are the real ones. The network, the grain
/// directory, the registry and the connections are models: processes end or are cut off, lanes move, members join and leave, and calls are lost.
/// </summary>
internal sealed class ModelCluster : IDisposable
{
    public static readonly Topic Room = Topic.Room(5, 7);

    // The two users share a lane.
    private static readonly Topic[] Topics = [Room, Topic.User(1), Topic.User(1 + Lane.UserPartitions)];

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Random _random;
    private readonly ManualTimeProvider _time = new();
    private readonly SeededNetwork _network;
    private readonly GrainMetrics _grainMetrics = new(new UnreadMeters());
    private readonly ClusterMetrics _clusterMetrics = new(new UnreadMeters());
    private readonly List<ModelSilo> _silos = [];
    private readonly List<ModelGateway> _registered = [];
    private readonly Dictionary<Lane, ModelLane> _lanes = [];
    private readonly Dictionary<(ModelProcess From, long Key), ModelSilo> _publishers = [];
    private readonly bool _areNodes;
    private readonly bool _areSlow;
    private int _longestPauseMs;
    private long _moment;
    private bool _isOver;

    private ModelCluster(int seed)
    {
        _random = new Random(seed);
        _time.Advance(TimeSpan.FromSeconds(1)); // a timestamp of zero means "never" in some classes
        Trace = new ModelTrace(_time);
        _network = new SeededNetwork(_random, _time, Trace) { FaultRate = _random.Next(4) * 0.06 };
        _areNodes = _random.Next(3) == 0;
        _areSlow = _random.Next(4) == 0;
        _longestPauseMs = _random.Next(3) switch { 0 => 20, 1 => 150, _ => 1000 };
    }

    public ModelTrace Trace { get; }

    /// <summary>Gets every gateway that there has been.</summary>
    public List<ModelGateway> Gateways { get; } = [];

    /// <summary>Runs the cluster of a seed. Returns what it has recorded, and what is wrong; null if nothing is.</summary>
    public static (ModelTrace Trace, string? Error) Run(int seed)
    {
        using var cluster = new ModelCluster(seed);
        try
        {
            new SeededScheduler(cluster._random, cluster._time).Run(cluster.RunAsync, Limit);
        }
        catch (TimeoutException exception)
        {
            return (cluster.Trace, $"{exception.Message}; without receipt: {string.Join("; ", cluster.Unanswered)}");
        }

        return (cluster.Trace, new ModelCheck(cluster.Gateways).FindError());
    }

    /// <summary>Returns a number for this moment, in the order of everything that happens.</summary>
    public long NextMoment() => ++_moment;

    /// <summary>Delays the answers of some deliveries, as a gateway with slow readers does.</summary>
    public Task SlowDownAsync() => _areSlow && _random.Next(4) == 0 ? PauseAsync(700) : Task.CompletedTask;

    /// <summary>Calls a publisher grain. A process reaches the same silo with the same key, until that silo ends.</summary>
    public Task<PublisherAnswer> PublishAsync(ModelProcess from, long key, PublishRequest[] requests)
    {
        if (!_publishers.TryGetValue((from, key), out var silo) || !silo.IsMember)
        {
            _publishers[(from, key)] = silo = AnySilo();
        }

        return _network.CallAsync(
            $"publisher {key} with {requests.Length}", from, () => silo.Process, TimeSpan.FromSeconds(1), _ => silo.Publisher.PublishAsync(requests).AsTask());
    }

    /// <summary>Calls a lane grain.</summary>
    public Task<T> CallLaneAsync<T>(ModelProcess from, Lane lane, string name, double seconds, Func<ModelLane, ValueTask<T>> call) => _network.CallAsync(
        $"{lane} {name}", from, () => Find(lane).Silo.Process, TimeSpan.FromSeconds(seconds), _ => call(Find(lane)).AsTask());

    public void Dispose()
    {
        Gateways.ForEach(static gateway => gateway.Dispose());
        _clusterMetrics.Dispose();
        _grainMetrics.Dispose();
    }

    private IEnumerable<ModelSignal> Unanswered =>
        Gateways.Where(static gateway => gateway.Process.IsConnected).SelectMany(static gateway => gateway.Signals).Where(static signal => signal.Receipt is null);

    private async Task RunAsync()
    {
        for (var i = _random.Next(2, 4); i > 0; i--)
        {
            await StartAsync(hasSilo: true, hasGateway: true);
        }

        var publishing = PublishAsync();
        await FailAsync(publishing);
        await publishing;
        _network.FaultRate = 0;
        while (Unanswered.Any())
        {
            await PauseAsync(200);
        }

        _isOver = true;
    }

    private async Task PublishAsync()
    {
        await Task.WhenAll(Gateways.ToList().ConvertAll(PublishAsync));
        _longestPauseMs = Math.Max(_longestPauseMs, 300); // what still happens takes seconds, in which members need not come and go all the time
    }

    private async Task PublishAsync(ModelGateway gateway)
    {
        for (var i = _random.Next(3, 8); i > 0 && gateway.Process.IsConnected; i--)
        {
            var topic = _random.Next(8) == 0 ? Topic.All : Topics[_random.Next(Topics.Length)];
            _ = gateway.PublishAsync(topic, hasId: _random.Next(3) == 0);
            if (_random.Next(2) == 0)
            {
                await PauseAsync(_longestPauseMs);
            }
        }
    }

    private async Task FailAsync(Task publishing)
    {
        for (var failures = _random.Next(5); failures > 0 && !publishing.IsCompleted; failures--)
        {
            await PauseAsync(_longestPauseMs * 2);
            switch (_random.Next(6))
            {
                case 0 or 1 or 2 when _lanes.Count > 0:
                    Move(_lanes.Keys.ElementAt(_random.Next(_lanes.Count)));
                    break;
                case 3:
                    await StartAsync(hasSilo: false, hasGateway: true);
                    break;
                case 4 when Gateways.Count(static gateway => gateway.Process.IsConnected) > 1:
                    await EndAsync(Gateways[_random.Next(Gateways.Count)].Process);
                    break;
                default:
                    await EndAsync(_silos[_random.Next(_silos.Count)].Process);
                    break;
            }
        }
    }

    // Starts a process, or two where gateways and silos are separate.
    private async Task StartAsync(bool hasSilo, bool hasGateway)
    {
        ModelSilo? silo = null;
        if (hasSilo || _areNodes)
        {
            var process = new ModelProcess($"{(_areNodes ? "node" : "silo")}{_silos.Count + 1}");
            silo = new ModelSilo(process, _grainMetrics, _time, _network, ModelGrains.Of(this, process));
            Trace.Add($"{process.Name} starts");
            _silos.Add(silo);
            _ = PollAsync(silo);
        }

        if (hasGateway || _areNodes)
        {
            var gateway = new ModelGateway(
                _areNodes ? silo!.Process : new ModelProcess($"gateway{Gateways.Count + 1}"), _areNodes ? silo : null, this, _clusterMetrics, _time);
            Gateways.Add(gateway);
            _registered.Add(gateway);
            while (_silos.Exists(silo => silo.IsMember && !silo.Gateways.Links.Any(link => link.Id == gateway.Id)))
            {
                await PauseAsync(50);
            }

            Trace.Add($"{gateway.Process.Name} is registered");
            Array.ForEach(Topics, topic => _ = RunMembersAsync(gateway, topic));
        }
    }

    // Cuts a process off. A silo without a gateway may be killed as well. It is replaced when the others know that it is gone.
    private async Task EndAsync(ModelProcess process)
    {
        if (!process.IsConnected)
        {
            return;
        }

        process.IsConnected = false;
        Trace.Add($"{process.Name} is cut off");
        var silo = _silos.Find(silo => silo.Process == process);
        var gateway = Gateways.Find(gateway => gateway.Process == process);
        gateway?.EndLease(_time.GetTimestamp() + TimeSpan.FromSeconds(1.5).Ticks);
        if (gateway is null && _random.Next(2) == 0)
        {
            Trace.Add($"{process.Name} is killed");
            silo!.Confirm([]);
            await PauseAsync(1500);
        }
        else
        {
            await Task.Delay(TimeSpan.FromSeconds(2), _time); // the fences of silo and gateway are shorter
        }

        Trace.Add($"{process.Name} is removed");
        if (silo is not null)
        {
            silo.IsMember = false;
            foreach (var lane in _lanes.Where(lane => lane.Value.Silo == silo).Select(static lane => lane.Key).ToList())
            {
                _lanes.Remove(lane);
            }
        }

        _registered.RemoveAll(each => each == gateway);
        await StartAsync(silo is not null, gateway is not null);
    }

    private async Task PollAsync(ModelSilo silo)
    {
        while (silo.Process.IsConnected)
        {
            silo.Confirm(_registered);
            await PauseAsync(250);
        }
    }

    // Lets members join and leave. The topic is subscribed before the first member joins, and unsubscribed after the last has left.
    private async Task RunMembersAsync(ModelGateway gateway, Topic topic)
    {
        while (gateway.Process.IsConnected && !_isOver)
        {
            try
            {
                await gateway.Backplane.SubscribeAsync(topic, CancellationToken.None);
                for (var i = _random.Next(1, 3); i > 0 && gateway.Process.IsConnected; i--)
                {
                    gateway.Join(topic);
                    await PauseAsync(_longestPauseMs * 3);
                }

                gateway.LeaveAll(topic);
                await gateway.Backplane.UnsubscribeAsync(topic, CancellationToken.None);
            }
            catch (Exception exception) when (exception is TimeoutException or ClusterNotReadyException)
            {
                // An unsubscribe call that is lost leaves the gateway subscribed. A subscribe call is repeated.
            }

            await PauseAsync(_longestPauseMs);
        }
    }

    private ModelLane Find(Lane lane)
    {
        if (!_lanes.TryGetValue(lane, out var activation))
        {
            _lanes.Add(lane, activation = AnySilo().Activate(lane));
            Trace.Add($"{lane} starts at {activation.Silo.Process.Name}");
        }

        return activation;
    }

    private void Move(Lane lane)
    {
        if (_lanes.Remove(lane, out var activation) && activation.Silo.Process.IsConnected)
        {
            Trace.Add($"{lane} ends at {activation.Silo.Process.Name}");
            activation.End();
        }
    }

    private ModelSilo AnySilo()
    {
        var silos = _silos.FindAll(static silo => silo.IsMember);
        return silos[_random.Next(silos.Count)];
    }

    private Task PauseAsync(int longestMs) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(1, longestMs)), _time);

    /// <summary>Creates meters that nobody reads.</summary>
    private sealed class UnreadMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
