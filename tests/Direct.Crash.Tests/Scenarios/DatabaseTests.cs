using Direct.Crash.Tests.Clusters;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Tests the loss of the membership database, alone and together with that of a node.</summary>
public sealed class DatabaseTests(DatabaseFixture database)
{
    [Fact]
    public async Task Stop_Database_EverythingGoesOn()
    {
        await using var run = await CrashRun.StartAsync(database, "database down and back");

        run.Fails("MariaDB stops");
        await run.Cluster.Database.StopAsync();
        try
        {
            await CrashRun.LoadAsync(CrashTimes.DatabaseDown);
            run.Note($"ready: {string.Join(' ', await Task.WhenAll(run.Cluster.Gateways.Select(StatusAsync)))}");
        }
        finally
        {
            await run.Cluster.Database.StartAgainAsync();
            run.Note("MariaDB answers again");
        }

        await run.GoOnAsync(CrashTimes.AfterThaw);

        var report = await run.FinishAsync();
        report.AssertHolds();
        Assert.Equal(0, report.Refused);
        Assert.DoesNotContain(run.History.Connections, connection => connection.WasThrownOut);
        report.AssertWithin(report.LongestAnswer, 2, "every answer");
    }

    [Fact]
    public async Task Kill_SiloWhileTheDatabaseIsDown_ItsTopicsComeBackWithIt()
    {
        await using var run = await CrashRun.StartAsync(database, "database down, a silo killed");

        run.Note("MariaDB stops");
        await run.Cluster.Database.StopAsync();
        try
        {
            run.Fails("SIGKILL to the silo without the registry");
            run.Cluster.OtherSilo.Process.Kill();
            await CrashRun.LoadAsync(CrashTimes.DatabaseDown);
        }
        finally
        {
            await run.Cluster.Database.StartAgainAsync();
            run.Note("MariaDB answers again");
        }

        await run.GoOnAsync(CrashTimes.After);

        var report = await run.FinishAsync();
        report.AssertHolds();
        Assert.DoesNotContain(run.History.Connections, connection => connection.CloseCode == 4008);
        report.AssertWithin(report.LongestOutage, CrashTimes.DatabaseDown.TotalSeconds + 10, "every topic back");
        report.AssertWithin(report.LongestAnswer, 6, "every answer");
    }

    [Fact]
    public async Task Kill_SiloWithTheRegistryWhileTheDatabaseIsDown_NothingAcceptedIsLost()
    {
        await using var run = await CrashRun.StartAsync(database, "database down, registry's silo killed");

        run.Note("MariaDB stops");
        await run.Cluster.Database.StopAsync();
        try
        {
            run.Fails("SIGKILL to the silo with the registry");
            run.Cluster.Gateways.ForEach(gateway => run.Fails(gateway, $"{gateway.Target.Name} will fence"));
            run.Cluster.RegistrySilo.Process.Kill();
            await CrashRun.LoadAsync(CrashTimes.DatabaseDown);
        }
        finally
        {
            await run.Cluster.Database.StartAgainAsync();
            run.Note("MariaDB answers again");
        }

        await run.GoOnAsync(CrashTimes.After);

        var report = await run.FinishAsync();
        report.AssertHolds();
        report.AssertWithin(report.LongestOutage, CrashTimes.DatabaseDown.TotalSeconds + 25, "every topic back");
    }

    private static async Task<string> StatusAsync(GatewayNode gateway)
    {
        using var answer = await gateway.Process.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync()).Trim();
    }
}
