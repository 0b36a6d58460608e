using System.Diagnostics;

namespace Direct.Compare.Servers;

/// <summary>Represents a started program, pinned to its cores, with the end of its output. Disposing it ends the program.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 20;

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private ChildProcess(ProcessStartInfo start, bool keepsOutput)
    {
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        if (keepsOutput)
        {
            _process.OutputDataReceived += (_, line) => Keep(line.Data);
        }

        try
        {
            _process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new CompareException($"{start.FileName} cannot be started: {exception.Message}" + Advice(start.FileName));
        }

        Pid = _process.Id;
        _process.BeginErrorReadLine();
        if (keepsOutput)
        {
            _process.BeginOutputReadLine();
        }
    }

    public int Pid { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Gets the last lines of its output.</summary>
    public string LastOutput
    {
        get
        {
            lock (_lastLines)
            {
                return string.Join('\n', _lastLines);
            }
        }
    }

    /// <summary>Starts a server. Only the end of its output is kept.</summary>
    public static ChildProcess Start(IReadOnlyList<string> command, string? cores) => new(Prepare(command, cores), keepsOutput: true);

    /// <summary>Runs a program to its end. Returns its exit code and what it wrote to standard output.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        IReadOnlyList<string> command,
        string? cores,
        TimeSpan limit,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] environment)
    {
        var start = Prepare(command, cores);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        await using var child = new ChildProcess(start, keepsOutput: false);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            var output = await child._process.StandardOutput.ReadToEndAsync(timeout.Token);
            await child._process.WaitForExitAsync(timeout.Token);
            return (child.ExitCode, output, child.LastOutput);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CompareException($"{string.Join(' ', command)}: not done after {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>Runs a command with a shell. The process is that of the command.</summary>
    public static IReadOnlyList<string> OfShell(string command) => ["/bin/sh", "-c", "exec " + command];

    /// <summary>Waits until the program has ended and all of its output has been read.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Prepare(IReadOnlyList<string> command, string? cores)
    {
        // taskset replaces itself with the command, so the process id is the command's.
        string[] whole = cores is null ? [.. command] : ["taskset", "-c", cores, .. command];
        return new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
    }

    private static string Advice(string program) => program switch
    {
        "taskset" => "; it pins programs to cores: apt-get install util-linux, or --server-core=any --loader-core=any",
        "cc" => "; it compiles the floor: apt-get install gcc libc6-dev, or give another floor with --floor",
        _ => "",
    };

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > KeptLines)
            {
                _lastLines.Dequeue();
            }
        }
    }
}
