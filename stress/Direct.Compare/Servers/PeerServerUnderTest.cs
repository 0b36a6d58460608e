using System.Globalization;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Servers;

/// <summary>
/// Starts the peer: nodes of <c>stress/peer</c> on Bun, as many as the cluster has gateways, and one Redis between them. Every measurement starts all
/// of them again, on loopback and without anything on disk.
/// </summary>
internal sealed class PeerServerUnderTest : ServerUnderTest
{
    public const string OwnName = "bun-redis";

    private const string RedisOptions = "--bind 127.0.0.1 --save '' --appendonly no";

    private readonly string _redis;
    private readonly string _bun;
    private readonly string _script;
    private readonly Ports _ports;
    private readonly string? _cores;

    private PeerServerUnderTest(string redis, string bun, string script, Ports ports, string? cores)
        : base(OwnName)
    {
        _redis = redis;
        _bun = bun;
        _script = script;
        _ports = ports;
        _cores = cores;
    }

    public override string Command => $"{_redis} --port {{redis}} {RedisOptions}; for each gateway {_bun} {_script} {{port}} {{redis}}";

    /// <summary>Finds the programs of the peer in <c>stress/peer</c> and in the folders of <paramref name="path"/>, written as in <c>PATH</c>.</summary>
    /// <exception cref="CompareException">Some are missing; the message says which, and how to install them.</exception>
    public static PeerServerUnderTest Find(Checkout checkout, Ports ports, string? cores, string? path)
    {
        var packages = Path.Combine(checkout.Peer, "node_modules");
        var redis = FindProgram("redis-server", path);
        var bun = FindProgram("bun", $"{Path.Combine(packages, ".bin")}:{path}");
        List<string> missing = [];
        if (redis is null)
        {
            missing.Add("redis-server is missing; install it: apt-get install redis-server");
        }

        if (bun is null)
        {
            missing.Add("bun is missing; install it: npm ci --prefix stress/peer");
        }

        if (!Directory.Exists(Path.Combine(packages, "ioredis")))
        {
            missing.Add("ioredis is missing; install it: npm ci --prefix stress/peer");
        }

        return missing.Count == 0
            ? new PeerServerUnderTest(redis!, bun!, Path.Combine(checkout.Peer, "node.mjs"), ports, cores)
            : throw new CompareException(string.Join(". ", missing));
    }

    public override async Task<RunningServer> StartAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var host = new Processes(_cores);
        try
        {
            var redisPort = _ports.Take();
            var redis = $"'{_redis}' --port {redisPort.ToString(CultureInfo.InvariantCulture)} {RedisOptions}";
            await host.StartAsync(ChildProcess.OfShell(redis), redisPort, cancellationToken);
            var nodePorts = Enumerable.Range(0, scenario.Gateways).Select(_ => _ports.Take()).ToArray();
            foreach (var port in nodePorts)
            {
                string[] node = [_bun, _script, port.ToString(CultureInfo.InvariantCulture), redisPort.ToString(CultureInfo.InvariantCulture)];
                await host.StartAsync(node, port, cancellationToken);
            }

            return RunningServer.OfGateways(host.Pids, nodePorts, host);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private static string? FindProgram(string name, string? path) =>
        (path ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Holds the processes of one measurement, which end together.</summary>
    private sealed class Processes(string? cores) : IAsyncDisposable
    {
        private readonly List<ChildProcess> _all = [];

        public IReadOnlyList<int> Pids => [.. _all.Select(process => process.Pid)];

        public async Task StartAsync(IReadOnlyList<string> command, int port, CancellationToken cancellationToken)
        {
            _all.Add(ChildProcess.Start(command, cores));
            await Readiness.AwaitListeningAsync(_all[^1], port, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var process in _all)
            {
                await process.DisposeAsync();
            }
        }
    }
}
