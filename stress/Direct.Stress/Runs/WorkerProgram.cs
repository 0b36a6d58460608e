using System.Runtime.InteropServices;

namespace Direct.Stress.Runs;

/// <summary>Runs this program as a worker of another one: orders come on standard input, notes go to standard output.</summary>
internal static class WorkerProgram
{
    /// <summary>Specifies the only argument of such a process.</summary>
    public const string Argument = "--worker";

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    public static async Task<int> RunAsync(TextReader input, TextWriter output)
    {
        // Ctrl-C reaches every process of the terminal; the coordinator decides what to do.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static signal => signal.Cancel = true);
        if (await input.ReadLineAsync() is not { } first
            || WorkerLines.Read<WorkerOrder>(first) is not { Options: { } options, Assignment: { } assignment })
        {
            return ExitCodes.Nothing;
        }

        var mailbox = new WorkerMailbox();
        var thread = new Thread(new Worker(options, assignment, mailbox).Run) { Name = "loop", IsBackground = true };
        thread.Start();
        var orders = ReadOrdersAsync(input, mailbox);
        try
        {
            await ReportAsync(output, mailbox, mailbox.Connected.Task, static note => new WorkerNote { Connected = note });
            await ReportAsync(output, mailbox, mailbox.Sent.Task, static note => new WorkerNote { Sent = note });
            await ReportAsync(output, mailbox, mailbox.Result.Task, static note => new WorkerNote { Result = note });
            await orders;
            return ExitCodes.Good;
        }
        catch (Exception exception)
        {
            await WriteAsync(output, new WorkerNote { Failure = exception.ToString() });
            return ExitCodes.Nothing;
        }
    }

    private static async Task ReportAsync<T>(TextWriter output, WorkerMailbox mailbox, Task<T> note, Func<T, WorkerNote> make)
    {
        while (await Task.WhenAny(note, Task.Delay(ProgressInterval)) != note)
        {
            await WriteAsync(output, new WorkerNote { Progress = mailbox.Progress });
        }

        await WriteAsync(output, new WorkerNote { Progress = mailbox.Progress });
        await WriteAsync(output, make(await note));
    }

    private static async Task WriteAsync(TextWriter output, WorkerNote note)
    {
        await output.WriteLineAsync(WorkerLines.Write(note));
        await output.FlushAsync();
    }

    private static async Task ReadOrdersAsync(TextReader input, WorkerMailbox mailbox)
    {
        while (await input.ReadLineAsync() is { } line)
        {
            var order = WorkerLines.Read<WorkerOrder>(line);
            mailbox.Stop |= order?.Stop is true;
            mailbox.Start ??= order?.Start;
            mailbox.Drain ??= order?.Drain;
        }

        // The coordinator has ended, or closes the input because it has the result.
        if (!mailbox.Result.Task.IsCompleted)
        {
            mailbox.Fail(new IOException("the conductor has ended"));
        }
    }
}
