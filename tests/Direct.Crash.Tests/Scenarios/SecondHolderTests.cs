using System.Diagnostics;
using System.Globalization;
using Direct.Crash.Tests.Checking;
using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Crash.Tests.Load;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>
/// Tests clients of direct.2 that are away for longer than the ten seconds for which a gateway stays subscribed after a client has left, and shorter than the window. Meanwhile the only
/// gateway that kept their topics ends, and then the silos. No <c>gap</c> is allowed, because each end comes after the cluster has copied what the one before has destroyed.
/// </summary>
public sealed class SecondHolderTests(DatabaseFixture database, ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);
    private static readonly (long Group, long Channel)[][] Rooms = [[(11, 1), (11, 2)], [(11, 1), (12, 1)], [(11, 2), (12, 1)]];

    private static readonly Aim[] Aims =
    [
        new(11, 1, 0), new(11, 2, 0), new(12, 1, 0), new(11, 0, 0), new(0, 1, 0), new(0, 0, 0), new(0, 0, SessionTable.User(0)), new(11, 1, SessionTable.User(1)),
    ];

    // The topics of these rooms: two groups, two channels, three rooms, three users, and that of all connections.
    private const int Topics = 11;

    public enum Fault
    {
        GatewayStoppedThenSilosStopped,
        GatewayStoppedThenSiloKilled,
        GatewayKilledThenSilosStopped,
        GatewayKilledThenSiloKilled,
    }

    [Theory]
    [InlineData(Fault.GatewayStoppedThenSilosStopped)]
    [InlineData(Fault.GatewayStoppedThenSiloKilled)]
    [InlineData(Fault.GatewayKilledThenSilosStopped)]
    [InlineData(Fault.GatewayKilledThenSiloKilled)]
    public async Task Clients_WhoseOnlyGatewayEndsAndThenTheSilosWhileTheyAreAway_GetEverythingExactlyOnceWithoutGap(Fault fault)
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var history = new History();
        var records = Rooms.Select(static (rooms, i) => new ResumeRecord(SessionTable.User(i), rooms)).ToArray();
        using var stopPublishing = new CancellationTokenSource();
        using var stopAll = new CancellationTokenSource();
        List<Task> publishing = [];
        List<Task> staying = [];
        var plan = new ClusterPlan { GatewayArguments = await SessionTable.CreateAsync(database.Database!, Rooms.Length) };
        var cluster = await CrashCluster.StartAsync(database.Database!, database.NextClusterId(), plan);
        try
        {
            // Clients are on the first gateway alone, and publishers use the second one.
            var (first, second) = (cluster.Gateways[0], cluster.Gateways[1]);
            var nowhere = new GatewayTarget(0, FreePort.Take());
            var (forClients, forPublishers) = (new GatewayList(), new GatewayList());
            forClients.Add(first.Target);
            forPublishers.Add(second.Target);
            staying.AddRange(records.Select(record => new ResumingClient(record, forClients, SessionTable.Token(record.User), isRestless: false).RunAsync(stopAll.Token)));
            await Deadline.UntilAsync("all clients are live", () => records.All(static record => record.ReadyAt != Clock.Never), Patience, records.Ends);
            var load = new LoadPlan { Pace = TimeSpan.FromMilliseconds(100) };
            publishing.AddRange(Aims.Select(aim => Task.Run(() => PublishAsync(history, forPublishers, aim, load, stopPublishing.Token, stopAll.Token))));
            await Task.Delay(CrashTimes.Before, TestContext.Current.CancellationToken);

            forClients.Add(nowhere);
            forClients.Remove(first.Target);
            var away = Stopwatch.StartNew();
            await EndGatewayAsync(fault, first);
            await EndSilosAsync(fault, cluster, second);
            if (away.Elapsed < Linger)
            {
                await Task.Delay(Linger - away.Elapsed, TestContext.Current.CancellationToken);
            }

            output.WriteLine(FormattableString.Invariant($"{fault}: the clients were away for {away.Elapsed.TotalSeconds:0.0} s"));
            forClients.Add(second.Target);
            forClients.Remove(nowhere);
            await Deadline.UntilAsync("all clients are back", () => records.All(static record => record.Resumes > 0), Patience, records.Ends);
            await stopPublishing.CancelAsync();
            await Deadline.RunAsync("publishers end", async token => await Task.WhenAll(publishing).WaitAsync(token), Patience * 2);

            var signals = history.Signals;
            var (wrong, _) = await ResumeChecker.SettleAsync(records, signals);
            var gaps = records.SelectMany(static record => record.Events.Where(static each => each.IsGap).Select(each => $"user {record.User}: {each}")).ToList();
            var replayed = records.Sum(static record => record.Events.Count(static each => each.IsReplay));
            output.WriteLine(FormattableString.Invariant(
                $"{fault}: {signals.Count(static signal => signal.Accepted is not null)} of {signals.Count} signals accepted, {replayed} replayed, {gaps.Count} gaps, {wrong.Count} violations"));
            if (wrong.Count + gaps.Count > 0 || Environment.GetEnvironmentVariable("DIRECT_CRASH_LOGS") is not null)
            {
                await SaveAsync(cluster, fault, records, [.. wrong, .. gaps]);
            }

            Assert.True(wrong.Count == 0, $"{fault}: {wrong.Count} violations\n{string.Join('\n', wrong.Take(10))}");
            Assert.True(gaps.Count == 0, $"{fault}: {gaps.Count} gaps\n{string.Join('\n', gaps.Take(20))}");
            Assert.All(signals, static signal => Assert.NotNull(signal.Accepted));
            Assert.All(records, static record => Assert.Contains(record.Events, static each => each.IsReplay));
        }
        finally
        {
            await stopPublishing.CancelAsync();
            await stopAll.CancelAsync();
            await cluster.DisposeAsync(); // ends what clients and publishers wait for
            await Deadline.RunAsync("clients end", async token => await Task.WhenAll([.. staying, .. publishing]).WaitAsync(token), Patience);
        }
    }

    private static async Task EndGatewayAsync(Fault fault, GatewayNode gateway)
    {
        if (fault is Fault.GatewayKilledThenSilosStopped or Fault.GatewayKilledThenSiloKilled)
        {
            gateway.Process.Kill();
            await Task.Delay(CrashTimes.LeaseOver, TestContext.Current.CancellationToken);
        }
        else
        {
            await gateway.Process.EndAsync();
        }
    }

    // A silo that is killed takes its copy with it, so the other gateway must have one by then. A silo that stops takes care of that itself.
    private static async Task EndSilosAsync(Fault fault, CrashCluster cluster, GatewayNode gateway)
    {
        if (fault is Fault.GatewayStoppedThenSiloKilled or Fault.GatewayKilledThenSiloKilled)
        {
            await Deadline.UntilAsync("the other gateway keeps the topics", async () => await KeptTopicsAsync(gateway) >= Topics, Patience);
            await Task.Delay(CrashTimes.BetweenSteps, TestContext.Current.CancellationToken);
            cluster.OtherSilo.Process.Kill();
            await Task.Delay(CrashTimes.After, TestContext.Current.CancellationToken);
            return;
        }

        foreach (var silo in cluster.Silos)
        {
            await silo.Process.EndAsync();
            await cluster.StartSiloAsync(silo);
            await Task.Delay(CrashTimes.BetweenSteps, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<double> KeptTopicsAsync(GatewayNode gateway)
    {
        const string Name = "direct_gateway_kept_topics{} ";
        var line = (await gateway.Process.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static async Task PublishAsync(History history, GatewayList gateways, Aim aim, LoadPlan plan, CancellationToken stopping, CancellationToken abandoned)
    {
        using var publisher = new Publisher(history, gateways, gateways.Any(), aim, hasIds: true, plan);
        await publisher.RunAsync(stopping, abandoned);
    }

    private async Task SaveAsync(CrashCluster cluster, Fault fault, ResumeRecord[] records, IReadOnlyList<string> wrong)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "crash", $"holder-{fault}");
        await cluster.SaveOutputAsync(folder);
        await File.WriteAllLinesAsync(Path.Combine(folder, "wrong.txt"), wrong);
        await File.WriteAllLinesAsync(Path.Combine(folder, "clients.txt"), records.Lines());
        output.WriteLine($"details: {folder}");
    }
}
