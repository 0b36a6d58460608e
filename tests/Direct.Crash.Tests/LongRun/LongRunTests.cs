using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.LongRun;

/// <summary>
/// Runs a cluster of processes for a long time, while one of them after the other is killed, stopped or frozen, and clients of direct.2 come back. It is
/// started by hand: <c>stress/long-run</c>.
/// </summary>
public sealed class LongRunTests(DatabaseFixture database, ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "long-run");

    [Fact]
    public async Task Clients_OneFailureAfterTheOther_GetEverythingExactlyOnceWithoutGap()
    {
        Assert.SkipWhen(LongRunPlan.Wanted is null, $"takes up to half an hour, and is started by hand: stress/long-run, which sets {LongRunPlan.Variable}");
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var (signals, failures, seed) = LongRunPlan.Wanted!.Value;
        var sessions = await SessionTable.CreateAsync(database.Database!, LongRunPlan.Clients);
        var plan = new ClusterPlan { GatewayArguments = [.. sessions, "Direct:Drain:ReadyDelay=00:00:01", "Direct:Limits:MaxConnectionsPerAddress=20000"] };
        await using var cluster = await CrashCluster.StartAsync(database.Database!, database.NextClusterId(), plan);
        var tally = new Tally();
        await using var load = new LongRunLoad(tally, cluster.Targets);
        await load.StartAsync();
        var causes = new GapCauses();
        var driver = new FailureDriver(cluster, tally, causes, seed);
        var report = new LongRunReport(tally, seed);

        IReadOnlyList<string> outstanding = [];
        try
        {
            while (report.Failures < failures)
            {
                await FailAsync(driver, tally, report);
            }

            while (tally.Accepted < signals)
            {
                await Deadline.PaceAsync(1000);
            }

            outstanding = await load.FinishAsync();
            foreach (var gateway in cluster.Gateways)
            {
                await causes.AddAsync(gateway);
            }
        }
        finally
        {
            var page = report.Render(causes, load.MissedInGaps, outstanding.Count);
            output.WriteLine(page);
            await SaveAsync(cluster, tally, outstanding, page);
        }

        Assert.True(
            tally.Violations.IsEmpty && tally.Gaps.IsEmpty && outstanding.Count == 0,
            string.Join('\n', [.. tally.Violations.Take(5), .. tally.Gaps.Take(5), .. outstanding.Take(5)]));
    }

    private async Task FailAsync(FailureDriver driver, Tally tally, LongRunReport report)
    {
        var (kind, before, startedAt) = (driver.Choose(), (tally.Resumes, tally.Replayed), Clock.Now);
        tally.Failure = FormattableString.Invariant($"{kind} number {report.Failures + 1} at {startedAt / 1e6:0.000}");
        var what = await driver.FailAsync(kind);
        report.Add(kind, before);
        output.WriteLine(FormattableString.Invariant(
            $"{report.Failures}. {DateTime.UtcNow:HH:mm:ss.fff} {kind}: {what}, {Clock.Seconds(startedAt, Clock.Now):0.0} s; {tally.Accepted} signals accepted, {tally.DeliveriesReceived} received, {tally.Resumes} resumes, {tally.Replayed} replayed, {tally.Gaps.Count} gaps, {tally.Violations.Count} violations"));
    }

    private static async Task SaveAsync(CrashCluster cluster, Tally tally, IReadOnlyList<string> outstanding, string page)
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "report.md"), page + '\n');
        await cluster.SaveOutputAsync(Folder);
        await File.WriteAllLinesAsync(Path.Combine(Folder, "gaps.txt"), tally.Gaps.Select(static gap => $"{gap.Failure}: {gap.What}"));
        await File.WriteAllLinesAsync(Path.Combine(Folder, "violations.txt"), [.. tally.Violations.Select(static violation => $"{violation.Failure}: {violation.What}"), .. outstanding]);
    }
}
