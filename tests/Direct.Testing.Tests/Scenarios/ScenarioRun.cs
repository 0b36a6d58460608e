using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using Direct.Testing.Processes;
using Direct.Testing.Time;

namespace Direct.Testing.Tests.Scenarios;

/// <summary>Represents a scenario in a separate test process: this assembly once more, with a limit of seconds.</summary>
internal sealed class ScenarioRun : IAsyncDisposable
{
    private const string NameVariable = "DIRECT_TEST_SCENARIO";
    private const string FolderVariable = "DIRECT_TEST_SCENARIO_FOLDER";

    // Starts of .NET on a busy machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // In its own session, with an emptied environment, and the shell that waits for both.
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

    /// <summary>Gets the scenario this process was started for; null in an ordinary run.</summary>
    public static string? Current { get; } = Environment.GetEnvironmentVariable(NameVariable);

    public string Output => _command.Output;

    private string Report => Path.Combine(_folder, "report.xml");

    public static ScenarioRun Start(string name, string limit = "00:00:05") => new(name, limit);

    /// <summary>In the scenario: starts a shell with children, and says that they run.</summary>
    public static async Task<Command> StartFamilyAsync()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        var family = Command.Start("/bin/sh", ["-c", Family, folder]);
        await Deadline.UntilAsync("the family runs", () => File.Exists(Path.Combine(folder, "children")), Patience);
        await File.WriteAllTextAsync(Path.Combine(folder, "self"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return family;
    }

    /// <summary>Waits for the family and returns its process ids.</summary>
    public async Task<int[]> FamilyAsync()
    {
        await Deadline.UntilAsync("the scenario has started its family", () => File.Exists(Path.Combine(_folder, "children")), Patience, () => Output);
        return [.. File.ReadLines(Path.Combine(_folder, "children")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>SIGKILL to the test process alone.</summary>
    public async Task KillAsync()
    {
        var self = Path.Combine(_folder, "self");
        await Deadline.UntilAsync("the scenario has written its process id", () => File.Exists(self) && File.ReadAllText(self).Length > 0, Patience, () => Output);
        using var process = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(self), CultureInfo.InvariantCulture));
        process.Kill();
        await _command.WaitForExitAsync();
    }

    /// <summary>Waits for the end of the test process, and returns what <c>./test</c> reads: the assembly in its report.</summary>
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
