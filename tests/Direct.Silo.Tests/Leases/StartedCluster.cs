using System.Diagnostics;
using System.Globalization;
using Direct.Silo.Tests.Silos;
using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Leases;

/// <summary>Represents the silos and gateways of one cluster that is started and stopped as a whole. Disposing ends the processes that still run.</summary>
internal sealed class StartedCluster(TestDatabase database, TimeSpan coldStartDelay) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<NodeProcess> _processes = [];

    /// <summary>Starts a silo and waits until it is a member. Leases last longer than the test, so that none expires while silos stop.</summary>
    public async Task<NodeProcess> StartSiloAsync()
    {
        var silo = Add(TestSilo.Launch(
        [
            .. TestSilo.Ports(), "Direct:Silo:Address=127.0.0.1", .. database.Arguments, "Direct:Registry:LeaseDuration=00:05:00",
            string.Create(CultureInfo.InvariantCulture, $"Direct:Registry:ColdStartDelay={coldStartDelay}"),
        ]));
        await silo.WaitForOutputAsync(TestSilo.Ready, timeout: Patience);
        return silo;
    }

    /// <summary>Starts a gateway and waits until it is ready.</summary>
    public async Task<NodeProcess> StartGatewayAsync()
    {
        var gateway = Add(TestGateway.Launch([.. database.Arguments, "Direct:Cluster:FenceAfter=00:00:10"]));
        await gateway.WaitReadyAsync();
        return gateway;
    }

    /// <summary>Stops the processes gracefully, one after the other.</summary>
    public static async Task StopAsync(params NodeProcess[] processes)
    {
        foreach (var process in processes)
        {
            await process.TerminateAsync();
            Assert.Equal(0, await process.WaitForExitAsync(Patience));
        }
    }

    /// <summary>Starts a silo and a gateway and stops them again. Returns the time until the gateway was ready.</summary>
    public async Task<TimeSpan> StartAndStopAsync()
    {
        var watch = Stopwatch.StartNew();
        var silo = await StartSiloAsync();
        var gateway = await StartGatewayAsync();
        var elapsed = watch.Elapsed;
        await StopAsync(gateway, silo);
        return elapsed;
    }

    /// <summary>Returns the state of the lease record in the database: <c>clear</c>, <c>set</c>, or null without a record.</summary>
    public async Task<string?> RecordAsync() =>
        (await database.ReadAsync("SELECT IF(Token IS NULL, 'clear', 'set') FROM DirectLeases WHERE DeploymentId = 'direct'")).SingleOrDefault();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private NodeProcess Add(NodeProcess process)
    {
        lock (_processes)
        {
            _processes.Add(process);
        }

        return process;
    }
}
