using System.Diagnostics;
using Direct.Testing.Processes;

namespace Direct.Testing.Runs;

/// <summary>
/// Tracks the processes that this test process has started, directly or indirectly. They have its id in their environment, and are killed when it
/// ends for any reason: a supervisor, a separate process, holds the other end of a pipe and kills them when the pipe is closed. A process that is
/// started with an empty environment must be given <see cref="Variable"/>, unless its parent lives as long as it does.
/// </summary>
public static class ChildProcesses
{
    public const string Variable = "DIRECT_TEST_RUN";

    private static readonly string Id = Guid.NewGuid().ToString("N");

    // A test process that another test process has started also keeps the id of that process, and is killed with it.
    private static readonly string? Outer = Environment.GetEnvironmentVariable(Variable);

    // Holds the pipe. The supervisor kills the children when the pipe is closed or this process ends. Null without /proc, which lists the environments.
    private static readonly Process? Supervisor = OperatingSystem.IsLinux() ? StartSupervisor() : null;

    /// <summary>Adds the id to the environment of every process that is started later. The first call starts the supervisor.</summary>
    public static void Supervise() => Environment.SetEnvironmentVariable(Variable, Outer is null ? Id : $"{Outer},{Id}");

    /// <summary>Returns the running processes, each as "process id, command line".</summary>
    public static IReadOnlyList<string> List() => Reap("list");

    /// <summary>Kills all of these processes and returns them in the same form.</summary>
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

    // The supervisor has a separate session and is not a child of this process, so neither Ctrl+C nor the end of the process tree reaches it.
    private static Process StartSupervisor() =>
        Start("setsid", ["--fork", Script, "watch", Id], start => start.RedirectStandardInput = true);

    private static string Script => Path.Combine(Repository.Root, "tests", "Direct.Testing", "Runs", "reap");

    // These processes must not have the id, because they would otherwise find themselves.
    private static Process Start(string program, string[] arguments, Action<ProcessStartInfo> configure)
    {
        var start = new ProcessStartInfo(program, arguments);
        start.Environment[Variable] = Outer;
        configure(start);
        return Process.Start(start)!;
    }
}
