using Direct.Stress.Runs;

namespace Direct.Stress.Reports;

/// <summary>Represents the progress of all workers at one moment.</summary>
internal sealed record ProgressSum(string Phase, long Succeeded, long Failed, long Ready, long Sent, long Received, long Errors)
{
    public static ProgressSum Of(IReadOnlyList<WorkerProgress> workers) => new(
        workers.Count == 0 ? WorkerProgress.None.Phase : workers[^1].Phase,
        workers.Sum(static worker => worker.Succeeded),
        workers.Sum(static worker => worker.Failed),
        workers.Sum(static worker => worker.Ready),
        workers.Sum(static worker => worker.Sent),
        workers.Sum(static worker => worker.Received),
        workers.Sum(static worker => worker.Errors));
}
