using Direct.Crash.Tests.Checking;
using Direct.Crash.Tests.Clusters;
using Direct.Crash.Tests.Histories;
using Direct.Crash.Tests.Load;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Processes;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Represents one scenario: a cluster, its load, and at the end the result of the checker and a measured row.</summary>
internal sealed class CrashRun : IAsyncDisposable
{
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(15);

    private readonly string _name;
    private readonly LoadDriver _load;
    private readonly ITestOutputHelper _output;
    private readonly List<string> _notes = [];
    private long _failedAt;

    private CrashRun(string name, CrashCluster cluster, LoadDriver load, History history, ITestOutputHelper output) =>
        (_name, Cluster, _load, History, _output) = (name, cluster, load, history, output);

    public CrashCluster Cluster { get; }

    public History History { get; }

    public static async Task<CrashRun> StartAsync(DatabaseFixture fixture, string name, ClusterPlan? plan = null, LoadPlan? load = null)
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var output = TestContext.Current.TestOutputHelper!;
        var history = new History();
        plan ??= new ClusterPlan();
        var cluster = await CrashCluster.StartAsync(plan.Database ?? fixture.Database!, fixture.NextClusterId(), plan);
        var run = new CrashRun(name, cluster, new LoadDriver(history, cluster.Targets, load ?? new LoadPlan()), history, output);
        try
        {
            await run._load.StartAsync();
            await LoadAsync(CrashTimes.Before);
            return run;
        }
        catch
        {
            await cluster.SaveOutputAsync(run.Folder());
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Records the time of a fault.</summary>
    public void Fails(string what)
    {
        _failedAt = _failedAt == 0 ? Clock.Now : _failedAt;
        Note(what);
    }

    /// <summary>Records a fault of a gateway. From now on the checker does not hold this gateway to the guarantees of a healthy one.</summary>
    public GatewayFault Fails(GatewayNode gateway, string what)
    {
        Fails(what);
        return History.AddFault(gateway.Run, Clock.Now);
    }

    public void Note(string what)
    {
        var line = FormattableString.Invariant($"{Clock.Now / 1e6:0.000} {what}");
        _notes.Add(line);
        _output.WriteLine(line);
    }

    /// <summary>Lets the load run without further faults for the given time.</summary>
    public static Task LoadAsync(TimeSpan time) => Task.Delay(time, TestContext.Current.CancellationToken);

    /// <summary>Lets the load run until the time has passed and enough signals have been accepted.</summary>
    public async Task GoOnAsync(TimeSpan atLeast)
    {
        await LoadAsync(atLeast);
        var last = Clock.Now + 150 * Clock.Second; // a busy machine takes longer; a test may take five minutes
        while (_load.Accepted < CrashTimes.Signals && Clock.Now < last)
        {
            await Task.Delay(200);
        }
    }

    /// <summary>Ends the load, waits for messages under way, and checks the history.</summary>
    public async Task<RunReport> FinishAsync()
    {
        await _load.StopAsync();
        var until = Clock.Now + (long)LongestSettling.TotalMicroseconds;
        CheckReport check;
        do
        {
            await Task.Delay(1000);
            check = new InvariantChecker(History).Check();
        }
        while (check.MayBeUnderWay && Clock.Now < until);

        var report = new RunReport(_name, History, check, _failedAt, Errors());
        _output.WriteLine(report.Row);
        Directory.CreateDirectory(ArtifactsFolder);
        await File.AppendAllLinesAsync(Path.Combine(ArtifactsFolder, "rows.md"), [report.Row]);
        if (check.Violations.Count > 0 || Environment.GetEnvironmentVariable("DIRECT_CRASH_LOGS") is not null)
        {
            await SaveAsync(report);
        }

        return report;
    }

    public async ValueTask DisposeAsync()
    {
        // Disposes the cluster first, so that no client still waits for a response.
        await Cluster.DisposeAsync();
        await _load.DisposeAsync();
    }

    private static string ArtifactsFolder => Path.Combine(Repository.Root, "artifacts", "crash");

    private string Folder() => Path.Combine(ArtifactsFolder, string.Concat(_name.Select(letter => char.IsLetterOrDigit(letter) ? letter : '-')));

    private List<string> Errors() =>
    [
        .. Cluster.Silos.SelectMany(silo => silo.Runs).Concat(Cluster.Gateways.Select(gateway => gateway.Process))
            .SelectMany(process => process.Output.Where(LogLines.IsError)),
    ];

    private async Task SaveAsync(RunReport report)
    {
        var folder = Folder();
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        await Cluster.SaveOutputAsync(folder);
        await File.WriteAllLinesAsync(Path.Combine(folder, "notes.txt"), [.. _notes, report.Row, .. report.Errors.GroupBy(error => error).Select(group => $"{group.Count()} x {group.Key}")]);
        await File.WriteAllTextAsync(Path.Combine(folder, "violations.txt"), report.Check.Describe(examples: 200));
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "signals.txt"),
            History.Signals.Where(signal => !signal.IsBroadcast && signal.Attempts.Count > 0).OrderBy(signal => signal.SentAt).Select(signal => signal.ToString()));
        await File.WriteAllLinesAsync(Path.Combine(folder, "connections.txt"), History.Connections.Select(connection => connection.ToString()));
        _output.WriteLine($"details: {folder}");
    }
}
