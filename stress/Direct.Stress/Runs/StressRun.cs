using System.Diagnostics;
using Direct.Stress.Measuring;
using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>Runs all steps on a thread of this process, or in several processes.</summary>
internal sealed class StressRun(StressOptions options, ServerProbe server)
{
    private readonly List<WorkerMailbox> _workers = [];

    /// <summary>Gets the progress of the workers.</summary>
    public IReadOnlyList<WorkerProgress> Progress => [.. _workers.ToArray().Select(static worker => worker.Progress)];

    /// <param name="cancellationToken">Ends the run early. The result is what has been measured until then.</param>
    public async Task<RunResult> RunAsync(CancellationToken cancellationToken)
    {
        var first = new WorkerAssignment(0, options.Processes, (uint)Random.Shared.Next(1 << 24), Stopwatch.GetTimestamp());
        return options.Processes == 1 ? await RunHereAsync(first, cancellationToken) : await RunInProcessesAsync(first, cancellationToken);
    }

    private async Task<RunResult> RunHereAsync(WorkerAssignment assignment, CancellationToken cancellationToken)
    {
        var mailbox = new WorkerMailbox();
        _workers.Add(mailbox);
        var thread = new Thread(new Worker(options, assignment, mailbox).Run) { Name = "loop", IsBackground = true };
        return await new Coordinator(options, server).RunAsync(_workers, thread.Start, cancellationToken);
    }

    private async Task<RunResult> RunInProcessesAsync(WorkerAssignment first, CancellationToken cancellationToken)
    {
        var processes = Enumerable.Range(0, options.Processes)
            .Select(share => new WorkerProcess(options, first with { Share = share }))
            .ToList();
        try
        {
            _workers.AddRange(processes.Select(static process => process.Mailbox));
            return await new Coordinator(options, server).RunAsync(
                _workers, () => processes.ForEach(static process => process.Start()), cancellationToken);
        }
        finally
        {
            foreach (var process in processes)
            {
                await process.DisposeAsync();
            }
        }
    }
}
