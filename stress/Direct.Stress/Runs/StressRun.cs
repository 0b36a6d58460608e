using System.Diagnostics;
using Direct.Stress.Measuring;
using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>A whole run, in one process or in several.</summary>
internal static class StressRun
{
    public static async Task<RunResult> RunAsync(StressOptions options, ServerProbe server, CancellationToken cancellationToken)
    {
        var runId = (uint)Random.Shared.Next(1 << 24);
        var epoch = Stopwatch.GetTimestamp();
        var mailbox = new WorkerMailbox();
        var worker = new Worker(options, new WorkerPlace(0, 1, runId, epoch), mailbox);
        var thread = new Thread(worker.Run) { Name = "loop" };
        var result = await new Conductor(options, server).RunAsync([mailbox], thread.Start, cancellationToken);
        thread.Join();
        return result;
    }
}
