using System.Diagnostics;
using Direct.Crash.Tests.Load;
using Direct.Testing.Databases;
using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Clusters;

/// <summary>Represents a whole cluster of child processes on the loopback address. Disposing ends all of them, including frozen ones.</summary>
internal sealed class CrashCluster : IAsyncDisposable
{
    private static readonly TimeSpan SiloStartTimeout = TimeSpan.FromSeconds(90);

    private readonly MariaDb _database;
    private readonly string _clusterId;
    private readonly ClusterPlan _plan;
    private readonly List<NodeProcess> _processes = [];
    private readonly List<CutProxy> _proxies = []; // before the gateway ports
    private readonly Dictionary<SiloNode, CutProxy> _siloProxies = [];
    private CutProxy? _databaseProxy;
    private int? _databasePort;
    private int _lastRun;

    private CrashCluster(MariaDb database, string clusterId, ClusterPlan plan) =>
        (_database, _clusterId, _plan, Programs) = (database, clusterId, plan, plan.Programs);

    /// <summary>Gets or sets the build of the processes that are started from now on.</summary>
    public ProgramBuild Programs { get; set; }

    public List<SiloNode> Silos { get; } = [];

    /// <summary>Gets the gateways that are expected to run.</summary>
    public List<GatewayNode> Gateways { get; } = [];

    /// <summary>Gets the gateways that clients may connect to.</summary>
    public GatewayList Targets { get; } = new();

    public MariaDb Database => _database;

    /// <summary>Gets the silo that hosts the registry: the last one that logged so.</summary>
    public SiloNode RegistrySilo => Silos.Last(silo => silo.HostsRegistry);

    public SiloNode OtherSilo => Silos.First(silo => silo != RegistrySilo);

    public static async Task<CrashCluster> StartAsync(MariaDb database, string clusterId, ClusterPlan plan)
    {
        var cluster = new CrashCluster(database, clusterId, plan);
        try
        {
            await cluster.ApplySchemaAsync();
            for (var i = 0; i < plan.Silos; i++)
            {
                cluster.AddSilo();
            }

            if (plan.HasSiloProxies)
            {
                cluster._databasePort = FreePort.Take();
                cluster._databaseProxy = new CutProxy(cluster._databasePort.Value, database.Port);
            }

            // A new cluster has no earlier gateways, so the cold start delay is skipped. A cluster that starts again must wait for it.
            await Task.WhenAll(cluster.Silos.Select(silo => cluster.StartSiloAsync(silo, "Direct:Registry:ColdStartDelay=00:00:00")));
            await Task.WhenAll(Enumerable.Range(0, plan.Gateways).Select(_ => cluster.StartGatewayAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates or updates the membership tables.</summary>
    public async Task ApplySchemaAsync()
    {
        using var apply = Process.Start(
            Repository.DotnetHost,
            [Programs.AssemblyPath("Direct.Silo"), "cluster=mysql", "schema=apply", $"Direct:Cluster:ConnectionString={_database.ConnectionString()}"]);
        await apply.WaitForExitAsync();
        if (apply.ExitCode != 0)
        {
            throw new NodeStartException($"schema=apply: exit code {apply.ExitCode}");
        }
    }

    /// <summary>Starts a silo on the ports of the node, and waits until it is a member.</summary>
    public async Task StartSiloAsync(SiloNode silo, params string[] more)
    {
        silo.Process = Add(NodeProcess.Launch(Programs.Options("Direct.Silo") with
        {
            Arguments =
            [
                "port=", "env=", "Direct:Endpoints:Address=",
                .. Membership(_databasePort),
                "Direct:Silo:Address=127.0.0.1",
                $"Direct:Silo:SiloPort={silo.SiloPort}",
                $"Direct:Silo:ListenSiloPort={silo.ListenSiloPort}",
                $"Direct:Silo:GatewayPort={silo.GatewayPort}",
                $"Direct:Silo:ListenGatewayPort={silo.ListenGatewayPort}",
                .. _plan.SiloArguments, .. more,
            ],
        }));
        silo.Runs.Add(silo.Process);
        await silo.Process.WaitForOutputAsync("is ready in cluster", timeout: SiloStartTimeout);
    }

    /// <summary>Starts one more gateway, on a separate port or that of another gateway, and waits until it is ready.</summary>
    public async Task<GatewayNode> StartGatewayAsync(int? port = null)
    {
        var target = new GatewayTarget(Interlocked.Increment(ref _lastRun), port ?? FreePort.Take());
        var process = Add(NodeProcess.Launch(Programs.Options("Direct.Gateway") with
        {
            MemoryGroup = _plan.GatewayMemory,
            Arguments = [$"port={target.Port}", .. _plan.Silos == 0 ? ["cluster=localhost"] : Membership(), $"Direct:Cluster:Name={target.Name}", .. _plan.GatewayArguments],
        }));
        await process.WaitReadyAsync();
        var gateway = new GatewayNode(target, process);
        lock (_processes)
        {
            Gateways.Add(gateway);
            Targets.Add(target);
        }

        return gateway;
    }

    /// <summary>Removes a gateway from the load balancer.</summary>
    public void Forget(GatewayNode gateway)
    {
        Gateways.Remove(gateway);
        Targets.Remove(gateway.Target);
    }

    /// <summary>Cuts a gateway off from all silos, or restores the connection.</summary>
    public void Cut(GatewayNode gateway, Cut cut) => _proxies.ForEach(proxy => proxy.Set(gateway.Process.Pid, cut));

    /// <summary>Cuts a silo off from the other silos and from the database, or restores the connections. Gateways still reach it.</summary>
    public void Cut(SiloNode silo, Cut cut)
    {
        foreach (var (other, proxy) in _siloProxies)
        {
            Silos.Where(from => (from == silo) != (other == silo)).ToList().ForEach(from => proxy.Set(from.Process.Pid, cut));
        }

        CutFromDatabase(silo, cut);
    }

    /// <summary>Cuts a silo off from the database, or restores the connections.</summary>
    public void CutFromDatabase(SiloNode silo, Cut cut) => _databaseProxy!.Set(silo.Process.Pid, cut);

    /// <summary>Writes the output of every process into files.</summary>
    public async Task SaveOutputAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < Silos.Count; i++)
        {
            for (var run = 0; run < Silos[i].Runs.Count; run++)
            {
                await File.WriteAllLinesAsync(Path.Combine(folder, FormattableString.Invariant($"silo-{i + 1}-{run + 1}.log")), Silos[i].Runs[run].Output);
            }
        }

        foreach (var process in Everyone().Except(Silos.SelectMany(silo => silo.Runs)))
        {
            await File.WriteAllLinesAsync(Path.Combine(folder, FormattableString.Invariant($"gateway-{process.Port}-{process.Pid}.log")), process.Output);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Everyone())
        {
            await process.DisposeAsync();
        }

        foreach (var proxy in (CutProxy[])[.. _proxies, .. _siloProxies.Values, .. _databaseProxy is null ? Array.Empty<CutProxy>() : [_databaseProxy]])
        {
            await proxy.DisposeAsync();
        }
    }

    private void AddSilo()
    {
        var (siloPort, gatewayPort) = (FreePort.Take(), FreePort.Take());
        var silo = new SiloNode(
            siloPort, _plan.HasSiloProxies ? FreePort.Take() : siloPort, gatewayPort, _plan.HasProxies ? FreePort.Take() : gatewayPort);
        Silos.Add(silo);
        if (_plan.HasProxies)
        {
            _proxies.Add(new CutProxy(silo.GatewayPort, silo.ListenGatewayPort));
        }

        if (_plan.HasSiloProxies)
        {
            _siloProxies.Add(silo, new CutProxy(silo.SiloPort, silo.ListenSiloPort));
        }
    }

    private string[] Membership(int? databasePort = null) =>
    [
        "cluster=mysql",
        $"Direct:Cluster:ConnectionString={_database.ConnectionString()}{(databasePort is { } port ? FormattableString.Invariant($";Port={port}") : "")}",
        $"Direct:Cluster:ClusterId={_clusterId}",
    ];

    private NodeProcess Add(NodeProcess process)
    {
        lock (_processes)
        {
            _processes.Add(process);
        }

        return process;
    }

    private NodeProcess[] Everyone()
    {
        lock (_processes)
        {
            return [.. _processes];
        }
    }
}
