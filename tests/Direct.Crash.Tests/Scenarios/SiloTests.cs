using Direct.Crash.Tests.Clusters;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Silos that end or stop answering.</summary>
public sealed class SiloTests(DatabaseFixture database)
{
    [Fact]
    public async Task Load_NothingFails_NothingIsLost()
    {
        await using var run = await CrashRun.StartAsync(database, "nothing fails");

        run.Fails("nothing");
        await run.GoOnAsync(CrashTimes.After);

        (await run.FinishAsync()).AssertHolds();
    }

    [Fact]
    public async Task Kill_SiloUnderLoad_TopicsComeBackAndNothingIsLost()
    {
        await using var run = await CrashRun.StartAsync(database, "silo killed");

        run.Fails("SIGKILL to the silo without the registry");
        run.Cluster.OtherSilo.Process.Kill();
        await run.GoOnAsync(CrashTimes.After);

        var report = await run.FinishAsync();
        report.AssertHolds();
        report.AssertWithin(report.LastBack, 5, "every topic back");
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }

    [Fact]
    public async Task Kill_SiloWithTheRegistry_NoGatewayFences()
    {
        await using var run = await CrashRun.StartAsync(database, "registry's silo killed");

        run.Fails("SIGKILL to the silo with the registry");
        run.Cluster.RegistrySilo.Process.Kill();
        await run.GoOnAsync(CrashTimes.After);

        var report = await run.FinishAsync();
        report.AssertHolds();
        AssertNobodyFenced(run);
        report.AssertWithin(report.LastBack, 5, "every topic back");
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }

    internal static void AssertNobodyFenced(CrashRun run) =>
        Assert.DoesNotContain(run.History.Connections, connection => connection.CloseCode == 4008);
}
