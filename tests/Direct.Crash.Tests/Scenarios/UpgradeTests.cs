using Direct.Crash.Tests.Clusters;
using Direct.Testing;
using Direct.Testing.Databases;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Tests the rollout of a new version: silos one at a time, then the gateways.</summary>
public sealed class UpgradeTests(DatabaseFixture database, ReleasedPrograms released) : IClassFixture<ReleasedPrograms>
{
    private static readonly string[] QuickDrain = ["Direct:Drain:ClosesPerSecond=20"];

    [Fact]
    public async Task Roll_SilosThenGateways_NoSignalIsRefusedForGood()
    {
        await using var run = await CrashRun.StartAsync(database, "rolling upgrade", new ClusterPlan { GatewayArguments = QuickDrain });

        await RollAsync(run, "the upgrade");
        await run.GoOnAsync(CrashTimes.BetweenSteps);

        await AssertNobodyNoticedAsync(run);
    }

    /// <summary>Tests an upgrade and a downgrade. They pass through every mix of the two versions: old and new silos with old and new gateways.</summary>
    [Fact]
    public async Task Roll_FromTheReleaseToThisVersionAndBack_NoSignalIsRefusedForGood()
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var old = released.Build;
        await using var own = await MariaDb.StartAsync();
        await using var run = await CrashRun.StartAsync(
            database, "upgrade from the release and back", new ClusterPlan { Programs = old, Database = own, GatewayArguments = QuickDrain });

        run.Cluster.Programs = ProgramBuild.Current;
        await run.Cluster.ApplySchemaAsync();
        await RollAsync(run, $"the upgrade from {released.Commit}");
        run.Cluster.Programs = old;
        await RollAsync(run, $"the way back to {released.Commit}");
        await run.GoOnAsync(CrashTimes.BetweenSteps);

        await AssertNobodyNoticedAsync(run);
    }

    // Follows the steps of docs/operate/runbook.md.
    private static async Task RollAsync(CrashRun run, string what)
    {
        run.Fails($"{what} begins");
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
    }

    private static async Task AssertNobodyNoticedAsync(CrashRun run)
    {
        var report = await run.FinishAsync();
        report.AssertHolds();
        Assert.DoesNotContain(run.History.Connections, connection => connection.WasThrownOut && connection.CloseCode != 4001);
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }
}
