using System.Diagnostics;
using System.Runtime.InteropServices;
using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>Runs a worker in a separate process, for more descriptors and more than one core. Disposing always ends it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly StressOptions _options;
    private readonly WorkerAssignment _assignment;
    private readonly Process _process;
    private readonly List<string> _complaints = [];
    private Task _running = Task.CompletedTask;

    public WorkerProcess(StressOptions options, WorkerAssignment assignment)
    {
        _options = options;
        _assignment = assignment;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(DotnetHost(), [typeof(WorkerProcess).Assembly.Location, WorkerProgram.Argument])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.ErrorDataReceived += (_, line) => _complaints.Add(line.Data ?? "");
    }

    public WorkerMailbox Mailbox { get; } = new();

    public void Start()
    {
        _process.Start();
        _process.BeginErrorReadLine();
        _running = Task.WhenAll(GiveOrdersAsync(), ReadNotesAsync());
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It was never started.
        }

        await _running;
        _process.Dispose();
    }

    /// <summary>Sends the orders that the coordinator puts into the mailbox.</summary>
    private async Task GiveOrdersAsync()
    {
        try
        {
            await GiveAsync(new WorkerOrder { Options = _options, Assignment = _assignment });
            var (start, drain, stop) = (false, false, false);
            while (!Mailbox.Result.Task.IsCompleted)
            {
                if (!stop && Mailbox.Stop)
                {
                    stop = true;
                    await GiveAsync(new WorkerOrder { Stop = true });
                }

                if (!start && Mailbox.Start is { } startOrder)
                {
                    start = true;
                    await GiveAsync(new WorkerOrder { Start = startOrder });
                }

                if (!drain && Mailbox.Drain is { } drainOrder)
                {
                    drain = true;
                    await GiveAsync(new WorkerOrder { Drain = drainOrder });
                }

                await Task.Delay(Pause);
            }

            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The worker has ended, which the reader of its notes reports.
        }
    }

    private async Task GiveAsync(WorkerOrder order)
    {
        await _process.StandardInput.WriteLineAsync(WorkerLines.Write(order));
        await _process.StandardInput.FlushAsync();
    }

    private async Task ReadNotesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Take(WorkerLines.Read<WorkerNote>(line)!);
        }

        await _process.WaitForExitAsync();
        var complaint = string.Join('\n', _complaints).Trim();
        Mailbox.Fail(
            new IOException($"worker process {_assignment.Share} ended early, with code {_process.ExitCode}: {complaint}".TrimEnd(':', ' ')));
    }

    private void Take(WorkerNote note)
    {
        if (note.Progress is { } progress)
        {
            Mailbox.Progress = progress;
        }

        if (note.Connected is { } connected)
        {
            Mailbox.Connected.TrySetResult(connected);
        }

        if (note.Sent is { } sent)
        {
            Mailbox.Sent.TrySetResult(sent);
        }

        if (note.Result is { } result)
        {
            Mailbox.Result.TrySetResult(result);
        }

        if (note.Failure is { } failure)
        {
            Mailbox.Fail(new IOException($"worker process {_assignment.Share}: {failure}"));
        }
    }

    /// <summary>Returns the host that runs this program: the runtime is in &lt;root&gt;/shared/Microsoft.NETCore.App/&lt;version&gt;/.</summary>
    private static string DotnetHost()
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}
