using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Crash.Tests.Load;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Tests that the receipt of a backend matches what the members received, also after repeats.</summary>
public sealed class ReceiptTests(DatabaseFixture database)
{
    /// <summary>
    /// Specifies clients that are all in one room and stay there, so that every final count has one correct value. The four targets are four lanes,
    /// on any silos, and each of them matches every client.
    /// </summary>
    private static readonly LoadPlan OneRoom = new()
    {
        StableClients = 40,
        Latecomers = 20,
        Hoppers = 0,
        Visitors = 0,
        Broadcasters = 0,
        Users = 0,
        Homes = [(1, 1)],
        Publishers = [(new Aim(1, 1, 0), true), (new Aim(1, 0, 0), true), (new Aim(0, 1, 0), true), (new Aim(0, 0, 0), true)],
        Pace = TimeSpan.FromMilliseconds(2),
    };

    [Fact]
    public async Task Kill_OneOfThreeSilos_EveryFinalReceiptCountsWhoGotIt()
    {
        await using var run = await CrashRun.StartAsync(database, "receipts, a silo killed", new ClusterPlan { Silos = 3, Gateways = 3 }, OneRoom);

        run.Fails("SIGKILL to a silo without the registry");
        run.Cluster.OtherSilo.Process.Kill();
        await run.GoOnAsync(CrashTimes.After);

        var report = await run.FinishAsync();
        report.AssertHolds();
        Assert.Equal(run.History.Signals.Sum(signal => signal.Attempts.Count(attempt => attempt.Status == 200)), report.Check.ExactCounts);
    }
}
