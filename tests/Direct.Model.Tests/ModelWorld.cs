using Direct.Edge.Topics;
using Direct.Gateway.Publishing;
using Direct.Grains.Topics;
using Direct.Model.Tests.Checks;
using Direct.Model.Tests.Clients;
using Direct.Model.Tests.Processes;
using Direct.Model.Tests.Simulation;

namespace Direct.Model.Tests;

/// <summary>
/// Represents a cluster with its clients and backends whose every event follows from a seed. Everything from the outbox to the connection is the real code; Orleans, the registry,
/// sockets and sessions are models.
/// </summary>
internal sealed class ModelWorld : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);
    private const long MostSteps = 400_000;

    // Users that share a lane.
    private static readonly long[] Users = [1, 1 + Lane.UserPartitions];

    private readonly SeededScheduler _scheduler;
    private readonly List<ModelClient> _clients = [];
    private readonly List<ModelOriginal> _originals = [];
    private readonly Backends _backends;
    private readonly Failures _failures;
    private readonly bool _isStrict;
    private long _moment;

    public ModelWorld(int seed, ModelOptions options)
    {
        _isStrict = options.IsStrict;
        Random = new Random(seed);
        _scheduler = new SeededScheduler(Random);
        HasPlenty = _isStrict || Random.Next(3) > 0;
        var limits = HasPlenty
            ? ModelLimits.Plenty
            : new ModelLimits(TimeSpan.FromMinutes(2), Random.Next(500, 5000), Random.Next(2_000, 20_000), Random.Next(2_000, 20_000));
        Cluster = new ModelCluster(_scheduler, limits, new WithoutRule(options.Without), options.IsTraced) { QueueBytes = HasPlenty ? 1 << 20 : 16 * 1024 };
        Clients = new SimulatedProcess("clients", _scheduler);
        (_backends, _failures) = (new Backends(this), new Failures(this));
    }

    public ModelCluster Cluster { get; }

    public Random Random { get; }

    /// <summary>Gets the process in which clients, backends and the failures run.</summary>
    public SimulatedProcess Clients { get; }

    /// <summary>Gets whether no limit of what is kept is reached.</summary>
    public bool HasPlenty { get; }

    public List<ModelMessage> Messages { get; } = [];

    public IReadOnlyList<ModelClient> Members => _clients;

    /// <summary>Gets whether a client may leave its room. In strict seeds a gateway that lets a topic go must not be the only one that keeps it for a client that is away.</summary>
    public bool MayLeave => !_isStrict || !_clients.Exists(static client => client.IsAway);

    /// <summary>Gets whether a client may stay away, for the same reason.</summary>
    public bool MayStayAway => !_isStrict || !_clients.Exists(static client => client.HasLeftLately);

    public IReadOnlyList<ModelOriginal> Originals => _originals;

    /// <summary>Gets the first error; null if there is none.</summary>
    public string? Error { get; private set; }

    public int Received { get; set; }

    public int Gaps { get; private set; }

    public IReadOnlyDictionary<string, int> FailureCounts => _failures.Counts;

    public SeededScheduler Scheduler => _scheduler;

    /// <summary>Runs the world. The first error is in <see cref="Error"/>.</summary>
    public void Run()
    {
        try
        {
            _scheduler.Run(Clients, RunAsync, Limit, MostSteps);
        }
        catch (TimeoutException exception)
        {
            Fail(exception.Message);
        }

        Error ??= Cluster.Logs.Error;
    }

    public void Fail(string error) => Error ??= error;

    /// <summary>Returns a number for this moment, in the order of everything that happens.</summary>
    public long NextMoment() => ++_moment;

    public bool MustArrive(ModelMessage message) => message.MustArrive(_isStrict);

    /// <inheritdoc cref="Backends.SendSome" />
    public void SendSome(Lane lane) => _backends.SendSome(lane);

    /// <summary>Returns a gateway that a load balancer may choose; null if there is none.</summary>
    public ModelGateway? AnyGateway()
    {
        var gateways = Cluster.Gateways.FindAll(static gateway => gateway.IsOpen && !gateway.Process.IsCut);
        return gateways.Count == 0 ? null : gateways[Random.Next(gateways.Count)];
    }

    public void CountGap(ModelClient client, string part)
    {
        Gaps++;
        if (_isStrict)
        {
            Fail($"{client} has a gap in {part} after one failure");
        }
    }

    /// <summary>Waits for a random time, or for a random number of steps.</summary>
    public Task PauseAsync(int longestMs)
    {
        if (Random.Next(2) == 0)
        {
            return Task.Delay(TimeSpan.FromMilliseconds(Random.Next(1, longestMs)), Clients.Clock);
        }

        var passed = new TaskCompletionSource();
        _scheduler.AfterSteps(Random.Next(60), () => Clients.Post(() => passed.SetResult()));
        return passed.Task;
    }

    /// <summary>Waits until the cluster has copied everything again that a failure has destroyed, and everybody has received everything.</summary>
    /// <param name="isLast">Whether each topic has had a message since, so that every gateway knows the last epoch.</param>
    public async Task SettleAsync(bool isLast = false)
    {
        var end = _scheduler.Now + TimeSpan.FromMinutes(2).Ticks;
        string? reason = null;
        for (var settled = 0; settled < 3 && Error is null;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Clients.Clock);
            _failures.StartSilosIfFew();
            reason = (_isStrict ? WakeLane() : null) ?? FindUnsettled(isLast);
            settled = reason is null ? settled + 1 : 0;
            Cluster.Trace.Add($"not settled: {reason}");
            if (reason is not null && _scheduler.Now > end)
            {
                Fail($"the cluster has not settled: {reason}");
            }
        }
    }

    public void Dispose() => Cluster.Dispose();

    private async Task RunAsync()
    {
        _ = Cluster.WatchAsync();
        Cluster.StartSilo();
        Cluster.StartSilo();
        for (var i = Random.Next(2, 4); i > 0; i--)
        {
            Cluster.StartGateway();
        }

        for (var i = 0; i < 3; i++)
        {
            var room = Random.Next(4) == 0 ? new RoomId(7, 1) : new RoomId(7, 0);
            _clients.Add(new ModelClient(this, $"client{i + 1}", Users[i % 2], room));
        }

        foreach (var client in _clients)
        {
            _ = client.RunAsync();
        }

        if (Random.Next(2) == 0)
        {
            _ = _clients[0].WanderAsync();
        }

        for (var i = 0; i < 2; i++)
        {
            _originals.Add(new ModelOriginal(this, $"original{i + 1}", 1 + (8 * i), new RoomId(7, Random.Next(2))));
            _ = _originals[i].RunAsync();
        }

        await SettleAsync();
        var failing = _isStrict ? _failures.RunOneByOneAsync() : _failures.RunAsync();
        await Task.WhenAll(_backends.RunAsync(failing), failing);
        await _failures.EndAsync();
        _clients.ForEach(static client => (client.IsAway, client.IsSettled) = (false, true));
        _clients.ForEach(static client => client.ReadAll());
        await SettleAsync();
        _backends.SendLast();
        await SettleAsync(isLast: true);
        Check();
    }

    private string? FindUnsettled(bool isLast)
    {
        if (_clients.Find(client => !client.IsJoined && !client.IsAway && !client.IsSlow && (!client.IsOut || client.IsSettled)) is { } absent)
        {
            return $"{absent} is not connected";
        }

        if (Cluster.Gateways.Find(gateway => !gateway.Process.IsAlive && Cluster.HasLease(gateway)) is { } dead)
        {
            return $"the silos wait for {dead.Process}";
        }

        if (Messages.Find(static message => !message.IsCompleted && message.AcceptedBy.Exists(static gateway => gateway.Process.IsAlive)) is { } pending)
        {
            return $"{pending} has no receipt";
        }

        foreach (var client in _clients.Where(static client => client is { IsAway: false, IsSlow: false, IsOut: false }))
        {
            foreach (var part in client.Parts)
            {
                var heads = Cluster.Gateways.Where(static gateway => gateway.IsOpen).Select(gateway => gateway.Kept.Find(TopicOf(part))?.Head ?? default).Where(static head => head != default).Distinct().ToList();
                if (heads.Count > 1 && (isLast || (_isStrict && heads.Exists(head => head.Offset != heads[0].Offset))))
                {
                    return $"{part} is at {string.Join(" and at ", heads.Select(client.Short))}";
                }

                var kept = client.Gateway?.Kept.Find(TopicOf(part));
                if (kept is null || kept.Head == default)
                {
                    return $"{part} is not kept where {client} is";
                }
            }
        }

        return null;
    }

    // A lane that has moved starts when it is used. Until then its log is only where its keepers are, so in a quiet topic the next failure is the second one.
    private string? WakeLane()
    {
        foreach (var part in _clients.SelectMany(static client => client.Parts))
        {
            var target = TargetOf(part);
            if (!Cluster.IsActive(Lane.Of(Topic.For(target).ToKey())))
            {
                _backends.Send(target);
                return $"the lane of {part} has not started";
            }
        }

        return null;
    }

    // Everybody is connected, and nothing is under way.
    private void Check()
    {
        foreach (var original in _originals)
        {
            if (original.FindError() is { } error)
            {
                Fail(error);
            }
        }

        foreach (var client in _clients)
        {
            foreach (var part in client.Parts)
            {
                var view = client.ViewOf(part);
                if (Messages.Find(message => message.Part == part && message.SentAt > view.Since && client.Matches(message.Target) && MustArrive(message) && !view.HasSeen(message.Number)) is { } lost)
                {
                    Fail($"{client} has not received {lost}, and there was no gap");
                }

                if (view.FindError(Cluster.Logs) is { } error)
                {
                    Fail(error);
                }
            }
        }
    }

    private static Topic TopicOf(string part) => Topic.For(TargetOf(part));

    private static Target TargetOf(string part) => Target.TryParse(part, out var target) ? target : throw new InvalidOperationException(part);
}
