using System.Diagnostics;
using System.Globalization;

namespace Direct.OrleansFloor;

/// <summary>Represents a process of this program, which ends with its standard input.</summary>
internal sealed class Child
{
    private readonly Process _process;

    private Child(Process process) => _process = process;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Returns when the process says that it is ready.</summary>
    public static async Task<Child> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var child = new Child(Process.Start(start)!);
        var line = await child.ReadAsync();
        return line is "ready" ? child : throw new InvalidOperationException($"{string.Join(' ', arguments)}: 'ready' expected, got '{line}'");
    }

    public async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) ?? throw new InvalidOperationException($"process {_process.Id} has ended");

    public void Tell() => _process.StandardInput.WriteLine();

    /// <summary>Pins all threads of the process.</summary>
    public void Pin(int core)
    {
        string[] arguments = ["-acp", core.ToString(CultureInfo.InvariantCulture), _process.Id.ToString(CultureInfo.InvariantCulture)];
        using var taskset = Process.Start(new ProcessStartInfo("taskset", arguments) { RedirectStandardOutput = true })!;
        taskset.StandardOutput.ReadToEnd();
        taskset.WaitForExit();
        if (taskset.ExitCode != 0)
        {
            throw new InvalidOperationException($"taskset ended with {taskset.ExitCode}");
        }
    }

    public void End()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
