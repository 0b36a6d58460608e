using System.Diagnostics;
using System.Globalization;
using Direct.Containers.Tests.Engine;
using Direct.Containers.Tests.Images;
using Direct.Testing.Processes;
using Direct.Testing.Runs;

[assembly: AssemblyFixture(typeof(ContainerEngine))]

namespace Direct.Containers.Tests.Engine;

/// <summary>
/// Represents Docker or podman, the one that works on this machine. All objects that the tests create have <see cref="Id"/> in their names.
/// <c>sweep</c>, a separate process, removes them when the test process ends for any reason.
/// </summary>
public sealed class ContainerEngine : IAsyncLifetime
{
    private static readonly TimeSpan LongestCommand = TimeSpan.FromMinutes(4);

    private const string Systemd = "/run/systemd/system";

    // podman lowers its own process limit to this value.
    private const int MostProcesses = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("direct-containers-").FullName;
    private readonly Dictionary<string, string> _environment = new() { [ChildProcesses.Variable] = "" }; // sweep ends the containers
    private Process? _sweep;

    public ContainerEngine() => Images = new BuiltImages(this);

    /// <summary>Gets the images of silo and gateway.</summary>
    public BuiltImages Images { get; }

    /// <summary>Gets a part of all names: of containers, networks and volumes, and the tag of images.</summary>
    public string Id { get; } = string.Create(CultureInfo.InvariantCulture, $"direct-test-{Environment.ProcessId}");

    /// <summary>Gets the name of the engine: docker or podman.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Gets why no container can be started here; null when one can.</summary>
    public string? WhyMissing { get; private set; }

    /// <summary>Gets the environment for programs that use the engine themselves.</summary>
    public IReadOnlyDictionary<string, string> Variables => _environment;

    /// <summary>Gets a folder for files of the tests.</summary>
    public string Folder => _folder;

    public bool IsPodman => Name == "podman";

    /// <summary>Skips the test when no container can be started.</summary>
    public void Require() => Assert.SkipWhen(WhyMissing is not null, WhyMissing ?? "");

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            WhyMissing = "containers are tested on Linux only";
            return;
        }

        await PreparePodmanAsync();
        foreach (var name in (string[])["docker", "podman"])
        {
            if (InstalledProgram.Find(name) is not null && await TryAsync(name, "info") is (0, _))
            {
                Name = name;
                StartSweep();
                await Images.BuildAsync();
                return;
            }
        }

        WhyMissing = "neither docker nor podman works here; install podman: apt-get install podman runc netavark aardvark-dns iptables";
    }

    public async ValueTask DisposeAsync()
    {
        if (_sweep is not null)
        {
            await using var sweep = Command.Start(Script, [Name, Id, _folder], environment: _environment);
            await sweep.WaitForExitAsync(LongestCommand);
            _sweep.StandardInput.Close();
            _sweep.Dispose();
        }
        else
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Runs a command of the engine, asserts that it succeeds, and returns its output.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        await using var command = Start(arguments);
        await command.EndsWellAsync(LongestCommand);
        return command.StandardOutput.Trim();
    }

    /// <summary>Runs a command of the engine that may fail.</summary>
    public Task<(int ExitCode, string Output)> TryAsync(params string[] arguments) => TryAsync(Name, arguments);

    public Command Start(params string[] arguments) => Start(Name, arguments);

    /// <summary>Starts a program that uses the engine.</summary>
    public Command Start(string program, string[] arguments, string? folder = null, IReadOnlyDictionary<string, string>? more = null)
    {
        var variables = new Dictionary<string, string>(_environment);
        foreach (var (name, value) in more ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        return Command.Start(program, arguments, folder, variables);
    }

    private static string Script => Path.Combine(Repository.Root, "tests", "Direct.Containers.Tests", "Engine", "sweep");

    private async Task<(int ExitCode, string Output)> TryAsync(string program, params string[] arguments)
    {
        await using var command = Start(program, arguments);
        var code = await command.WaitForExitAsync(LongestCommand);
        return (code, command.Output.Trim());
    }

    // Uses a separate store and separate networks, and can read the images of the machine's user. Limits are not raised, because that may need
    // privileges, and systemd timers are not used, because systemd may be missing.
    private async Task PreparePodmanAsync()
    {
        var limits = await File.ReadAllLinesAsync("/proc/self/limits");
        var engine = Path.Combine(_folder, "containers.conf");
        await File.WriteAllTextAsync(engine, $"""
            [containers]
            default_ulimits = ["nofile={Limit("Max open files", 1_048_576)}", "nproc={Limit("Max processes", MostProcesses)}"]
            [engine]
            {(InstalledProgram.Find("runc") is null ? "" : "runtime = \"runc\"")}
            {(Directory.Exists(Systemd) ? "" : "cgroup_manager = \"cgroupfs\"")}
            [network]
            network_config_dir = "{Directory.CreateDirectory(Path.Combine(_folder, "networks")).FullName}"
            """);
        const string Shared = "/var/lib/containers/storage";
        var storage = Path.Combine(_folder, "storage.conf");
        await File.WriteAllTextAsync(storage, $"""
            [storage]
            driver = "overlay"
            graphroot = "{Path.Combine(_folder, "storage")}"
            runroot = "{Path.Combine(_folder, "run")}"
            [storage.options]
            additionalimagestores = [{(Directory.Exists(Path.Combine(Shared, "overlay-images")) ? $"\"{Shared}\"" : "")}]
            """);
        _environment["CONTAINERS_CONF"] = engine;
        _environment["CONTAINERS_STORAGE_CONF"] = storage;
        _environment["BUILDAH_ISOLATION"] = "chroot";
        _environment["DISABLE_HC_SYSTEMD"] = Directory.Exists(Systemd) ? "" : "true";

        string Limit(string limit, long most)
        {
            var hard = limits.First(line => line.StartsWith(limit, StringComparison.Ordinal))[limit.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            var number = Math.Min(long.TryParse(hard, CultureInfo.InvariantCulture, out var given) ? given : long.MaxValue, most);
            return string.Create(CultureInfo.InvariantCulture, $"{number}:{number}");
        }
    }

    // Uses a separate session, so that neither Ctrl+C nor the end of the process tree reaches it.
    private void StartSweep()
    {
        var start = new ProcessStartInfo("setsid", ["--fork", Script, "watch", Name, Id, _folder]) { RedirectStandardInput = true };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        _sweep = Process.Start(start)!;
    }
}
