using Direct.Crash.Tests.Clusters;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Tests silos that end or stop responding.</summary>
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
    public async Task Kill_SiloWithoutTheRegistry_TopicsComeBackAndNothingIsLost()
    {
        await using var run = await CrashRun.StartAsync(database, "silo killed");

        run.Fails("SIGKILL to the silo without the registry");
        run.Cluster.OtherSilo.Process.Kill();
        await run.GoOnAsync(CrashTimes.After);

        await AssertSiloDeathAsync(run, back: 6.2);
    }

    [Fact]
    public async Task Kill_SiloWithTheRegistry_NoGatewayFences()
    {
        await using var run = await CrashRun.StartAsync(database, "registry's silo killed");

        run.Fails("SIGKILL to the silo with the registry");
        run.Cluster.RegistrySilo.Process.Kill();
        await run.GoOnAsync(CrashTimes.After);

        await AssertSiloDeathAsync(run, back: 6.2);
    }

    [Fact]
    public async Task Freeze_SiloWithoutTheRegistry_NothingIsLostWhenItThaws()
    {
        await using var run = await CrashRun.StartAsync(database, "silo frozen, thawed");

        await FreezeAsync(run, run.Cluster.OtherSilo);

        await AssertSiloDeathAsync(run, back: 7.3);
    }

    [Fact]
    public async Task Freeze_SiloWithTheRegistry_NoGatewayFences()
    {
        await using var run = await CrashRun.StartAsync(database, "registry's silo frozen, thawed");

        await FreezeAsync(run, run.Cluster.RegistrySilo);

        await AssertSiloDeathAsync(run, back: 7.3);
    }

    [Fact]
    public async Task Terminate_Silo_NothingIsLost()
    {
        await using var run = await CrashRun.StartAsync(database, "silo stopped gracefully");

        run.Fails("SIGTERM to the silo with the registry");
        var silo = run.Cluster.RegistrySilo;
        await silo.Process.TerminateAsync();
        await run.GoOnAsync(CrashTimes.After);

        Assert.Equal(0, await silo.Process.WaitForExitAsync());
        await AssertSiloDeathAsync(run, back: 1.1);
    }

    [Fact]
    public async Task Kill_AllSilosAndStartThemAgain_NothingAcceptedIsLost()
    {
        await using var run = await CrashRun.StartAsync(database, "all silos restarted");

        run.Fails("SIGKILL to all silos");
        run.Cluster.Silos.ForEach(silo => silo.Process.Kill());
        await Task.WhenAll(run.Cluster.Silos.Select(silo => run.Cluster.StartSiloAsync(silo)));
        run.Note("all silos are members again");
        await run.GoOnAsync(CrashTimes.After);

        // Gateways may have fenced meanwhile, because a restarted registry waits for the length of a lease before it serves calls.
        var report = await run.FinishAsync();
        report.AssertHolds();
        report.AssertWithin(report.LongestOutage, 25, "every topic back");
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }

    private static async Task FreezeAsync(CrashRun run, SiloNode silo)
    {
        run.Fails("SIGSTOP");
        await silo.Process.SendAsync("STOP");
        await CrashRun.LoadAsync(CrashTimes.Frozen);
        run.Note("SIGCONT");
        await silo.Process.SendAsync("CONT");
        await run.GoOnAsync(CrashTimes.AfterThaw);
    }

    private static async Task AssertSiloDeathAsync(CrashRun run, double back)
    {
        var report = await run.FinishAsync();
        report.AssertHolds();
        Assert.DoesNotContain(run.History.Connections, connection => connection.CloseCode == 4008);
        report.AssertWithin(report.LongestOutage, back, "every topic back");
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }
}
