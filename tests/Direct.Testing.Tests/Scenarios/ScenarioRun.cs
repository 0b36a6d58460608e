using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Testing.Tests.Scenarios;

/// <summary>Runs a scenario in a separate test process: this assembly once more, with a time limit of seconds.</summary>
internal sealed class ScenarioRun : IAsyncDisposable
{
    private const string NameVariable = "DIRECT_TEST_SCENARIO";
    private const string FolderVariable = "DIRECT_TEST_SCENARIO_FOLDER";

    // Several starts of .NET on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Starts one child in a separate session and one with an empty environment, and waits for both.
    private const string Family = """
        echo $$ >"$0/pids"
        setsid sleep 1000 & echo $! >>"$0/pids"
        env -i sleep 1000 & echo $! >>"$0/pids"
        mv "$0/pids" "$0/children"
        wait
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("direct-scenario-").FullName;
    private readonly Command _command;

    private ScenarioRun(string name, string limit) => _command = Command.Start(
        Repository.DotnetHost,
        [typeof(ScenarioRun).Assembly.Location, "-namespace", typeof(ScenarioRun).Namespace!, "-maxThreads", "4", "-xml", Report],
        environment: new Dictionary<string, string>
        {
            [NameVariable] = name,
            [FolderVariable] = _folder,
            ["DIRECT_TEST_LIMIT"] = limit,
        });

    /// <summary>Gets the scenario that this process was started for; null in an ordinary run.</summary>
    public static string? Current { get; } = Environment.GetEnvironmentVariable(NameVariable);

    public string Output => _command.Output;

    private string Report => Path.Combine(_folder, "report.xml");

    public static ScenarioRun Start(string name, string limit = "00:00:05") => new(name, limit);

    /// <summary>Starts a shell with children, inside the scenario, and writes their process ids to a file.</summary>
    public static async Task<Command> StartFamilyAsync()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        var family = Command.Start("/bin/sh", ["-c", Family, folder]);
        await Deadline.UntilAsync("the family runs", () => File.Exists(Path.Combine(folder, "children")), Patience);
        await File.WriteAllTextAsync(Path.Combine(folder, "self"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return family;
    }

    /// <summary>Waits until the children run, and returns the process ids of the shell and its children.</summary>
    public async Task<int[]> FamilyAsync()
    {
        await Deadline.UntilAsync("the scenario has started its family", () => File.Exists(Path.Combine(_folder, "children")), Patience, () => Output);
        return [.. File.ReadLines(Path.Combine(_folder, "children")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Kills only the test process, with SIGKILL.</summary>
    public async Task KillAsync()
    {
        var self = Path.Combine(_folder, "self");
        await Deadline.UntilAsync("the scenario has written its process id", () => File.Exists(self) && File.ReadAllText(self).Length > 0, Patience, () => Output);
        using var process = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(self), CultureInfo.InvariantCulture));
        process.Kill();
        await _command.WaitForExitAsync();
    }

    /// <summary>Waits until the test process exits. Returns the part of its report that <c>./test</c> reads, the assembly.</summary>
    public async Task<XElement> ReportAsync()
    {
        Assert.NotEqual(0, await _command.WaitForExitAsync(Patience));
        return XDocument.Load(Report).Root!.Element("assembly")!;
    }

    public async ValueTask DisposeAsync()
    {
        await _command.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
