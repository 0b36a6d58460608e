using System.Diagnostics;
using Direct.Stress.Measuring;
using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>
/// Leads the workers through a run: all connect, then all send, then all wait for messages in flight. Between these steps it reads what the server
/// uses.
/// </summary>
internal sealed class Coordinator(StressOptions options, ServerProbe server)
{
    // After freed memory is returned and lazily compiled code exists, the memory is that of the connections.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    // Time for orders to reach all workers before they take effect.
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(100);

    /// <param name="start">Starts the workers.</param>
    /// <param name="cancellationToken">Ends the run early. The result is what has been measured until then.</param>
    public async Task<RunResult> RunAsync(IReadOnlyList<WorkerMailbox> workers, Action start, CancellationToken cancellationToken)
    {
        using var stopping = cancellationToken.Register(() => Stop(workers));
        var rssBefore = server.ResidentKilobytes;
        var cpuBefore = server.ProcessorTime;
        start();

        var connected = await AllAsync(workers.Select(static worker => worker.Connected.Task));
        var cpuConnected = server.ProcessorTime;
        if (options.Scenario is not ScenarioName.Connect && connected.Sum(static note => note.Succeeded) == 0)
        {
            Stop(workers);
        }

        await WaitAsync(server.IsEmpty ? TimeSpan.Zero : Settling, workers, cancellationToken);
        var rssConnected = server.ResidentKilobytes;
        var inWindow = await MeasureAsync(workers, cpuBefore, cancellationToken);

        var sent = await AllAsync(workers.Select(static worker => worker.Sent.Task));
        var drain = new DrainOrder(
            Totals.Add(sent.Select(static note => note.SentByRoom)),
            options.IsDirect2 ? [.. sent.SelectMany(static note => note.Sent!)] : null);
        foreach (var worker in workers)
        {
            worker.Drain = drain;
        }

        var rssEnd = server.ResidentKilobytes;
        var results = await AllAsync(workers.Select(static worker => worker.Result.Task));
        var totals = Totals.Of(options, results);
        var connecting = options.Scenario is ScenarioName.Connect ? inWindow : cpuConnected - cpuBefore;
        var use = server.IsEmpty ? null : new ServerUse(connecting, inWindow, rssBefore, rssConnected, rssEnd);
        return new RunResult(totals, use, cancellationToken.IsCancellationRequested);
    }

    private async Task<TimeSpan> MeasureAsync(IReadOnlyList<WorkerMailbox> workers, TimeSpan cpuBefore, CancellationToken cancellationToken)
    {
        var warmup = options.Scenario is ScenarioName.Chat or ScenarioName.Idle ? 0 : options.WarmupSeconds;
        var sendFrom = Stopwatch.GetTimestamp() + Ticks(Notice.TotalSeconds);
        var windowStart = sendFrom + Ticks(warmup);
        var order = new StartOrder(sendFrom, windowStart, windowStart + Ticks(options.DurationSeconds));
        foreach (var worker in workers)
        {
            worker.Start = order;
        }

        await WaitAsync(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), order.WindowStart), workers, cancellationToken);
        var cpuStart = options.Scenario is ScenarioName.Chat ? cpuBefore : server.ProcessorTime;
        await WaitAsync(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), order.WindowEnd), workers, cancellationToken);
        return server.ProcessorTime - cpuStart;
    }

    /// <summary>Waits, unless the run is to end.</summary>
    private static async Task WaitAsync(TimeSpan time, IReadOnlyList<WorkerMailbox> workers, CancellationToken cancellationToken)
    {
        if (time <= TimeSpan.Zero || workers[0].Stop)
        {
            return;
        }

        await Task.Delay(time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Awaits all tasks, but ends at the first failure, because the others wait for orders that would not come.</summary>
    private static async Task<IReadOnlyCollection<T>> AllAsync<T>(IEnumerable<Task<T>> tasks)
    {
        List<T> results = [];
        await foreach (var task in Task.WhenEach(tasks))
        {
            results.Add(await task);
        }

        return results;
    }

    private static void Stop(IReadOnlyList<WorkerMailbox> workers)
    {
        foreach (var worker in workers)
        {
            worker.Stop = true;
        }
    }

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);
}
