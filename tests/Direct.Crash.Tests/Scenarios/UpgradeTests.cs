using Direct.Crash.Tests.Clusters;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>A new version goes out: silos one at a time, then the gateways.</summary>
public sealed class UpgradeTests(DatabaseFixture database)
{
    [Fact]
    public async Task Roll_SilosThenGateways_NoSignalIsRefusedForGood()
    {
        await using var run = await CrashRun.StartAsync(
            database, "rolling upgrade", new ClusterPlan { GatewayArguments = ["Direct:Drain:ClosesPerSecond=20"] });

        run.Fails("the upgrade begins");
        foreach (var silo in run.Cluster.Silos)
        {
            await silo.Process.TerminateAsync();
            Assert.Equal(0, await silo.Process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
            run.Note($"silo {silo.SiloPort} has ended");
            await run.Cluster.StartSiloAsync(silo);
            run.Note($"silo {silo.SiloPort} is a member again");
            await CrashRun.LoadAsync(CrashTimes.BetweenSteps);
        }

        foreach (var gateway in run.Cluster.Gateways.ToArray())
        {
            run.Fails(gateway, $"SIGTERM to {gateway.Target.Name}");
            await run.Cluster.StartGatewayAsync();
            run.Cluster.Forget(gateway);
            await gateway.Process.TerminateAsync();
            Assert.Equal(0, await gateway.Process.WaitForExitAsync(TimeSpan.FromSeconds(60)));
            run.Note($"{gateway.Target.Name} has ended");
            await CrashRun.LoadAsync(CrashTimes.BetweenSteps);
        }

        await run.GoOnAsync(CrashTimes.BetweenSteps);

        var report = await run.FinishAsync();
        report.AssertHolds();
        Assert.DoesNotContain(run.History.Connections, connection => connection.WasThrownOut && connection.CloseCode != 4001);
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }
}
