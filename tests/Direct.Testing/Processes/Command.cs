using System.Diagnostics;
using System.Globalization;
using Direct.Testing.Time;
using Xunit;

namespace Direct.Testing.Processes;

/// <summary>Represents a third-party program that runs as a child process, with its output. Disposing always ends the process.</summary>
public sealed class Command : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _line;
    private readonly List<string> _output = [];
    private readonly List<string> _standardOutput = [];

    private Command(ProcessStartInfo start)
    {
        _line = string.Join(' ', [start.FileName, .. start.ArgumentList]);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data, _standardOutput);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Gets standard output and error in the order in which they arrived.</summary>
    public string Output => Text(_output);

    /// <summary>Gets the standard output only.</summary>
    public string StandardOutput => Text(_standardOutput);

    /// <summary>Starts a program in <paramref name="folder"/>; in the root of the checkout by default.</summary>
    public static Command Start(
        string program,
        IEnumerable<string> arguments,
        string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new Command(start);
    }

    public Task WaitForOutputAsync(string text) =>
        Deadline.UntilAsync($"\"{text}\" from {_line}", () => Output.Contains(text, StringComparison.Ordinal), actual: Describe);

    public async Task<int> WaitForExitAsync(TimeSpan? timeout = null)
    {
        await Deadline.RunAsync($"{_line} ends", async token => await _process.WaitForExitAsync(token), timeout, Describe);
        return _process.ExitCode;
    }

    /// <summary>Waits until the program exits, and asserts that the exit code is 0.</summary>
    public async Task EndsWellAsync(TimeSpan? timeout = null)
    {
        var code = await WaitForExitAsync(timeout);

        Assert.True(code == 0, $"{_line} exited with {code}:\n{Output}");
    }

    /// <summary>Sends SIGTERM to the program.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}")]);
        kill.WaitForExit();
    }

    /// <summary>
    /// Ends the program as Ctrl-C does, so that it ends the processes that it has started in sessions of their own, which disposing would leave behind.
    /// </summary>
    public async Task EndAsync()
    {
        if (!_process.HasExited)
        {
            Terminate();
            await WaitForExitAsync(TimeSpan.FromMinutes(2));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string Describe() => $"it printed:\n{Output}";

    private string Text(List<string> lines)
    {
        lock (_output)
        {
            return string.Join('\n', lines);
        }
    }

    private void Keep(string? line, List<string>? also = null)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.Add(line);
                also?.Add(line);
            }
        }
    }
}
