using System.Diagnostics;
using Direct.Testing.Processes;

namespace Direct.Testing.Runs;

/// <summary>
/// Provides the processes that this test process has started, directly or not. They carry its id in their environment, and die with it however it
/// ends: a supervisor, a separate process, holds the other end of a pipe and kills them when that is closed. A process that is started
/// with an emptied environment must be given <see cref="Variable"/>, unless what started it lives as long as it does.
/// </summary>
public static class ChildProcesses
{
    public const string Variable = "DIRECT_TEST_RUN";

    private static readonly string Id = Guid.NewGuid().ToString("N");

    // A test process that another test process starts keeps the id of that one too, and is killed with it.
    private static readonly string? Outer = Environment.GetEnvironmentVariable(Variable);

    // Holds the pipe: closing it, or ending, kills the children. Null where there is no /proc, which has the environments.
    private static readonly Process? Supervisor = OperatingSystem.IsLinux() ? StartSupervisor() : null;

    /// <summary>Makes every process that is started later carry the id. Starts the supervisor at the first call.</summary>
    public static void Supervise() => Environment.SetEnvironmentVariable(Variable, Outer is null ? Id : $"{Outer},{Id}");

    /// <summary>Returns the processes that run now, as "process id, command line".</summary>
    public static IReadOnlyList<string> List() => Reap("list");

    /// <summary>Kills all of them and says which these were.</summary>
    public static IReadOnlyList<string> Kill() => Reap("kill");

    private static string[] Reap(string action)
    {
        if (Supervisor is null)
        {
            return [];
        }

        using var reap = Start(Script, [action, Id], start => start.RedirectStandardOutput = true);
        return reap.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // In a session of its own and no child of this process: neither Ctrl+C nor the end of the process tree reaches it.
    private static Process StartSupervisor() =>
        Start("setsid", ["--fork", Script, "watch", Id], start => start.RedirectStandardInput = true);

    private static string Script => Path.Combine(Repository.Root, "tests", "Direct.Testing", "Runs", "reap");

    // Without the id, or they would find themselves.
    private static Process Start(string program, string[] arguments, Action<ProcessStartInfo> configure)
    {
        var start = new ProcessStartInfo(program, arguments);
        start.Environment[Variable] = Outer;
        configure(start);
        return Process.Start(start)!;
    }
}
