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
/// Represents one cluster, its clients of direct.2 that live through everything, and the failures that they live through one after the other. Each
/// failure is a row with publishers of its own. When the row has ended, the cluster is whole again.
/// </summary>
internal sealed class ResumeRun : IAsyncDisposable
{
    private const int ClientCount = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Each client is in two of three rooms, so that some messages match by both. Half of the clients leave and come back all the time.
    private static readonly (long Group, long Channel)[][] Rooms = [[(1, 1), (1, 2)], [(1, 1), (2, 1)], [(1, 2), (2, 1)]];

    private static readonly Aim[] Aims =
    [
        new(1, 1, 0), new(1, 2, 0), new(2, 1, 0), new(1, 0, 0), new(0, 1, 0), new(0, 0, 0),
        new(0, 0, SessionTable.User(0)), new(0, 0, SessionTable.User(3)), new(1, 1, SessionTable.User(0)),
    ];

    // Each belongs to a client that says something there, with the user ids after those of the others.
    private static readonly Aim[] SaidIn = [new(1, 1, 0), new(2, 1, 0)];

    private static readonly LoadPlan Load = new() { Pace = TimeSpan.FromMilliseconds(60) };

    // Slower, because a gateway remembers a thousand ids of one user for five minutes, and refuses more.
    private static readonly LoadPlan Said = Load with { Pace = TimeSpan.FromMilliseconds(500) };

    // For checks of these tests by hand: without a window they must fail.
    private static readonly string[] More = Environment.GetEnvironmentVariable("DIRECT_CRASH_GATEWAY") is { Length: > 0 } given ? [given] : [];

    private readonly string _name;
    private readonly History _history = new();
    private readonly ResumeRecord[] _records;
    private readonly List<Task> _staying = [];
    private readonly List<ResumeRow> _rows = [];
    private readonly CancellationTokenSource _stopAll = new();
    private readonly ITestOutputHelper _output;
    private Task _publishing = Task.CompletedTask;

    private ResumeRun(string name, CrashCluster cluster, bool areRestless, ITestOutputHelper output)
    {
        (_name, Cluster, _output) = (name, cluster, output);
        _records = [.. Enumerable.Range(0, ClientCount).Select(static i => new ResumeRecord(SessionTable.User(i), Rooms[i % Rooms.Length]))];
        Clients =
        [
            .. _records.Select((record, i) => new ResumingClient(
                record, cluster.Targets, SessionTable.Token(record.User), isRestless: areRestless && i / Rooms.Length % 2 == 1)),
        ];
    }

    public CrashCluster Cluster { get; }

    public IReadOnlyList<ResumingClient> Clients { get; }

    /// <summary>Starts a cluster and its clients, and waits until they are live.</summary>
    public static async Task<ResumeRun> StartAsync(DatabaseFixture fixture, string name, ClusterPlan? plan = null, bool areRestless = true)
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        plan ??= new ClusterPlan();
        var sessions = await SessionTable.CreateAsync(fixture.Database!, ClientCount + SaidIn.Length);
        var cluster = await CrashCluster.StartAsync(fixture.Database!, fixture.NextClusterId(), plan with { GatewayArguments = [.. sessions, .. plan.GatewayArguments, .. More] });
        var run = new ResumeRun(name, cluster, areRestless, TestContext.Current.TestOutputHelper!);
        try
        {
            run._staying.AddRange(run.Clients.Select(client => Task.Run(() => client.RunAsync(run._stopAll.Token))));
            await Deadline.UntilAsync("all clients are live", () => run._records.All(static record => record.ReadyAt != Clock.Never), Patience, run._records.Ends);
            return run;
        }
        catch
        {
            await cluster.SaveOutputAsync(run.Folder);
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets publishers send during a failure, and checks that every client has received everything exactly once, or was told of a <c>gap</c>.</summary>
    /// <param name="name">The failure.</param>
    /// <param name="allowed">In which topics a <c>gap</c> is allowed.</param>
    /// <param name="failAsync">Makes the failure, waits, and makes the cluster whole again.</param>
    public async Task RowAsync(string name, AllowedGaps allowed, Func<Task> failAsync)
    {
        var before = ResumeCounts.Of(_records, _history.Signals);
        using (var stopPublishing = new CancellationTokenSource())
        {
            _publishing = Task.WhenAll(
            [
                .. Aims.Select((aim, i) => Task.Run(() => PublishAsync(i, aim, stopPublishing.Token))),
                .. SaidIn.Select((room, i) => Task.Run(() => SayAsync(i, room, stopPublishing.Token))),
            ]);
            await Task.Delay(CrashTimes.Before, TestContext.Current.CancellationToken);
            await failAsync();
            await stopPublishing.CancelAsync();
            await Deadline.RunAsync("publishers end", async token => await _publishing.WaitAsync(token), Patience * 2);
        }

        var signals = _history.Signals;
        var (wrong, settled) = await ResumeChecker.SettleAsync(_records, signals);
        var row = new ResumeRow(name, allowed, before, ResumeCounts.Of(_records, signals), wrong, settled.TotalSeconds);
        _rows.Add(row);
        _output.WriteLine($"{row}");
    }

    /// <summary>Sends the last signals once more, with the same ids, through another gateway than the one that has accepted them.</summary>
    public async Task RepeatAsync(int count)
    {
        var last = _history.Signals.Where(static signal => signal is { Accepted: not null, IsSaid: false }).OrderBy(static signal => signal.SentAt).TakeLast(count).ToArray();
        Assert.Equal(count, last.Length);
        foreach (var signal in last)
        {
            var others = Cluster.Targets.All.Where(gateway => gateway.Run != signal.Accepted!.Gateway).ToArray();
            SignalAnswer? answer = null;
            await Deadline.UntilAsync(
                $"{signal} is accepted again",
                async () =>
                {
                    using var line = new SignalLine(others[Random.Shared.Next(others.Length)].Port);
                    answer = await line.TryConnectAsync() ? await line.SendAsync(signal.Aim.Part, $"{signal.Key}", signal.Id, Load.AnswerTimeout) : SignalAnswer.None;
                    return answer.Status is 200 or 202;
                },
                Patience,
                () => $"{answer}");
        }
    }

    /// <summary>Lets the load run.</summary>
    public static Task LoadAsync(TimeSpan time) => Task.Delay(time, TestContext.Current.CancellationToken);

    /// <summary>Asserts that no row has shown anything wrong.</summary>
    public async Task AssertHoldsAsync()
    {
        var faults = _rows.SelectMany(static row => row.Faults()).ToList();
        _output.WriteLine(_records.Ends());
        if (faults.Count > 0 || Environment.GetEnvironmentVariable("DIRECT_CRASH_LOGS") is not null)
        {
            await SaveAsync();
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopAll.CancelAsync();
        await Cluster.DisposeAsync(); // ends what clients and publishers wait for
        await Deadline.RunAsync("clients end", async token => await Task.WhenAll([.. _staying, _publishing]).WaitAsync(token), Patience);
        _stopAll.Dispose();
    }

    private string Folder => Path.Combine(Repository.Root, "artifacts", "crash", $"resume-{_name}");

    private async Task PublishAsync(int number, Aim aim, CancellationToken stopping)
    {
        var gateways = Cluster.Targets;
        using var publisher = new Publisher(_history, gateways, gateways.All[number % gateways.All.Count], aim, hasIds: true, Load);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, _stopAll.Token);
        await publisher.RunAsync(ending.Token, _stopAll.Token);
    }

    private async Task SayAsync(int number, Aim room, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, _stopAll.Token);
        await new SayingClient(_history, Cluster.Targets, SessionTable.Token(SessionTable.User(ClientCount + number)), room, Said).RunAsync(ending.Token, _stopAll.Token);
    }

    private async Task SaveAsync()
    {
        await Cluster.SaveOutputAsync(Folder);
        await File.WriteAllLinesAsync(Path.Combine(Folder, "rows.txt"), _rows.SelectMany(static row => (string[])[$"{row}", .. row.Wrong, .. row.Gaps.Select(static gap => gap.What)]));
        await File.WriteAllLinesAsync(Path.Combine(Folder, "clients.txt"), _records.Lines());
        _output.WriteLine($"details: {Folder}");
    }
}
