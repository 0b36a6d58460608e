using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Tests gateways that end, stop responding or are cut off.</summary>
public sealed class GatewayTests(DatabaseFixture database)
{
    private static readonly ClusterPlan Three = new() { Gateways = 3 };

    [Fact]
    public async Task Kill_Gateway_OthersAreNotHeldUp()
    {
        await using var run = await CrashRun.StartAsync(database, "gateway killed", Three);
        var gateway = run.Cluster.Gateways[0];

        var fault = run.Fails(gateway, "SIGKILL");
        gateway.Process.Kill();
        run.Cluster.Forget(gateway);
        await run.GoOnAsync(CrashTimes.LeaseOver);

        var report = await run.FinishAsync();
        AssertOthers(run, report, fault);
        AssertAnswers(run, report, fault);
    }

    [Fact]
    public async Task Freeze_Gateway_FencesItselfBeforeItSendsAnythingElse()
    {
        await using var run = await CrashRun.StartAsync(database, "gateway frozen, thawed", Three);
        var gateway = run.Cluster.Gateways[0];

        var fault = run.Fails(gateway, "SIGSTOP");
        await gateway.Process.SendAsync("STOP");
        await CrashRun.LoadAsync(CrashTimes.Frozen);
        var thawedAt = Clock.Now;
        run.Note("SIGCONT");
        await gateway.Process.SendAsync("CONT");
        await run.GoOnAsync(CrashTimes.AfterThaw);

        var report = await run.FinishAsync();
        AssertOthers(run, report, fault);
        AssertAnswers(run, report, fault);
        AssertFenced(run, fault, thawedAt, closeWithin: 5);
    }

    [Theory]
    [InlineData("gateway cut off, both ways", Cut.Both)]
    [InlineData("gateway cut off, cannot be heard", Cut.ToSilo)]
    [InlineData("gateway cut off, cannot hear", Cut.ToGateway)]
    public async Task Cut_Gateway_FencesItselfAndComesBack(string name, Cut cut)
    {
        await using var run = await CrashRun.StartAsync(database, name, Three with { HasProxies = true });
        var gateway = run.Cluster.Gateways[0];

        var fault = run.Fails(gateway, $"cut: {cut}");
        run.Cluster.Cut(gateway, cut);
        await CrashRun.LoadAsync(CrashTimes.CutOff);
        run.Note("mended");
        var restoredAt = Clock.Now;
        run.Cluster.Cut(gateway, Cut.None);
        await gateway.Process.WaitReadyAsync();
        run.Note("registered again");
        await run.GoOnAsync(CrashTimes.AfterThaw);

        var report = await run.FinishAsync();
        AssertOthers(run, report, fault);
        AssertAnswers(run, report, fault);
        AssertFenced(run, fault, fault.From, closeWithin: 15);
        Assert.Contains(run.History.Connections, connection => connection.Gateway == gateway.Run && connection.Stays[0].SentAt > restoredAt && connection.Stays[0].ConfirmedAt < Clock.Never);
    }

    private static void AssertOthers(CrashRun run, RunReport report, GatewayFault fault)
    {
        report.AssertHolds();
        Assert.DoesNotContain(run.History.Connections, connection => connection.Gateway != fault.Gateway && connection.WasThrownOut);
    }

    // Checks that all responses came within three seconds, and that each 202 names only this gateway. Responses of the gateway itself are excluded: they may be wrong.
    private static void AssertAnswers(CrashRun run, RunReport report, GatewayFault fault)
    {
        report.AssertWithin(report.LongestAnswer, 3, "every answer");
        var incomplete = run.History.Signals.Select(signal => signal.Accepted).Where(accepted => accepted is { Status: 202 } && accepted.Gateway != fault.Gateway).ToList();
        Assert.NotEmpty(incomplete);
        Assert.All(incomplete, accepted => Assert.Equal([fault.Gateway], accepted!.Pending));
    }

    // Checks that the gateway closed its connections with 4008 in time.
    private static void AssertFenced(CrashRun run, GatewayFault fault, long since, double closeWithin)
    {
        var there = run.History.Connections
            .Where(connection => connection.Gateway == fault.Gateway && connection.Stays[0].ConfirmedAt < fault.From && connection.ClosedAt > fault.From && connection.WasThrownOut)
            .ToList();
        Assert.NotEmpty(there);
        Assert.All(there, connection => Assert.Equal(4008, connection.CloseCode));
        var longest = Clock.Seconds(since, there.Max(connection => connection.ClosedAt));
        run.Note(FormattableString.Invariant($"{there.Count} connections were closed with 4008, the last {longest:0.00} s later"));
        Assert.True(longest <= closeWithin * 3, FormattableString.Invariant($"the last connection was closed after {longest:0.00} s; the bound is {closeWithin} s, and this test allows {closeWithin * 3} s"));
    }
}
