using System.Diagnostics;
using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>Runs one process's share of a run on one thread, from the first connection to the last close.</summary>
internal sealed class Worker(StressOptions options, WorkerAssignment assignment, WorkerMailbox mailbox)
{
    // The time without an arrival after which missing messages count as lost.
    private const int QuietSeconds = 3;
    private const int GoodbyeSeconds = 1;
    private const int GoodbyesASecond = 30_000;

    public void Run()
    {
        try
        {
            using var loop = new WorkerLoop(options, assignment, mailbox);
            mailbox.Result.SetResult(RunThrough(loop));
        }
        catch (Exception exception)
        {
            mailbox.Fail(exception); // the coordinator handles it
        }
    }

    private WorkerResult RunThrough(WorkerLoop loop)
    {
        var window = new WorkerWindow(Stopwatch.GetTimestamp(), ProcessorSeconds());
        if (loop.Scenario.CountsFromTheStart)
        {
            loop.Run.Tally.SetWindow(window.Start, long.MaxValue);
        }

        var members = Open(loop);
        loop.Phase = "waiting for others";
        while (mailbox.Start is null && !mailbox.Stop)
        {
            loop.RunOnce(long.MaxValue);
        }

        if (mailbox.Start is { } start && !mailbox.Stop)
        {
            window = Send(start, loop, window);
        }

        loop.Scenario.StopSending();
        loop.Population?.Reconnects?.Stop();
        AwaitAnswers(loop);
        mailbox.Sent.SetResult(new SentMessage(loop.Scenario.SentByRoom, options.IsDirect2 ? loop.Scenario.SentNumbers : null));

        loop.Phase = "waiting for the last";
        while (mailbox.Drain is null)
        {
            loop.RunOnce(long.MaxValue);
        }

        AwaitReturns(loop);
        AwaitDeliveries(mailbox.Drain, members, loop);
        if (mailbox.Drain.Sent is { } sent)
        {
            loop.Population?.CountMissing(sent);
        }

        loop.Phase = "closing";
        SayGoodbye(loop);
        return WorkerResult.Of(loop, window, members);
    }

    /// <summary>Opens the connections. Returns the number of joined ones, by room.</summary>
    private Dictionary<int, long> Open(WorkerLoop loop)
    {
        var population = loop.Population;
        while (population is { IsOpen: false } && !mailbox.Stop)
        {
            loop.RunOnce(population.Continue(Stopwatch.GetTimestamp()));
        }

        var members = (population?.Members ?? []).ToList();
        loop.Scenario.Prepare(members);
        var byRoom = members.CountBy(static member => member.Room).ToDictionary(static room => room.Key, static room => (long)room.Value);
        mailbox.Connected.SetResult(new ConnectedNote(population?.Succeeded ?? 0, population?.Failed ?? 0, byRoom));
        return byRoom;
    }

    private WorkerWindow Send(StartOrder start, WorkerLoop loop, WorkerWindow window)
    {
        var (scenario, tally) = (loop.Scenario, loop.Run.Tally);
        if (!scenario.CountsFromTheStart)
        {
            tally.SetWindow(start.WindowStart, start.WindowEnd);
        }

        RunUntil(start.SendFrom);
        loop.Phase = "warming up";
        scenario.Begin(start.SendFrom);
        loop.Population?.Reconnects?.Begin(start.SendFrom);
        RunUntil(start.WindowStart);
        loop.Phase = "measuring";
        if (!scenario.CountsFromTheStart)
        {
            window = new WorkerWindow(start.WindowStart, ProcessorSeconds());
        }

        RunUntil(start.WindowEnd);
        var end = Math.Max(window.Start, Stopwatch.GetTimestamp());
        if (mailbox.Stop)
        {
            tally.SetWindow(window.Start, end);
        }

        return window with
        {
            Seconds = Stopwatch.GetElapsedTime(window.Start, end).TotalSeconds,
            CpuSeconds = ProcessorSeconds() - window.CpuAtStart,
        };

        void RunUntil(long until)
        {
            for (var now = Stopwatch.GetTimestamp(); now < until && !mailbox.Stop; now = Stopwatch.GetTimestamp())
            {
                loop.RunOnce(Math.Min(until, scenario.Continue(now)));
            }
        }
    }

    /// <summary>Waits until every call that was begun is answered or has timed out.</summary>
    private void AwaitAnswers(WorkerLoop loop)
    {
        var until = Stopwatch.GetTimestamp() + (long)(options.ConnectTimeoutSeconds * Stopwatch.Frequency);
        for (var now = Stopwatch.GetTimestamp(); now < until && !loop.Scenario.IsAnswered; now = Stopwatch.GetTimestamp())
        {
            loop.Scenario.Continue(now);
            loop.RunOnce(long.MaxValue);
        }
    }

    /// <summary>Waits until all clients have come back, or cannot.</summary>
    private void AwaitReturns(WorkerLoop loop)
    {
        var until = Stopwatch.GetTimestamp() + (long)((options.AwaySeconds + (2 * options.ConnectTimeoutSeconds)) * Stopwatch.Frequency);
        while (loop.Population?.Reconnects is { IsSettled: false } && Stopwatch.GetTimestamp() < until)
        {
            loop.RunOnce(until);
        }
    }

    /// <summary>Waits for missing messages as long as others arrive.</summary>
    private void AwaitDeliveries(DrainOrder drain, Dictionary<int, long> members, WorkerLoop loop)
    {
        if (options.Scenario is not (ScenarioName.Room or ScenarioName.Signal))
        {
            return;
        }

        // It is not known which process receives how much of a target that the user has chosen.
        var expected = drain.Sent is { } sent ? loop.Population!.Expected(sent)
            : loop.Scenario.ExpectedOfEach is null || assignment.Processes == 1
            ? Totals.Expected(drain.SentByRoom, members, loop.Scenario.ExpectedOfEach)
            : long.MaxValue;
        var tally = loop.Run.Tally;
        var (seen, seenAt) = (tally.Received, Stopwatch.GetTimestamp());
        while (tally.Unique < expected && Stopwatch.GetTimestamp() - seenAt < QuietSeconds * Stopwatch.Frequency)
        {
            loop.RunOnce(long.MaxValue);
            if (tally.Received != seen)
            {
                (seen, seenAt) = (tally.Received, Stopwatch.GetTimestamp());
            }
        }
    }

    private static void SayGoodbye(WorkerLoop loop)
    {
        if (loop.Population is not { } population)
        {
            return;
        }

        population.Leave();
        var seconds = GoodbyeSeconds + ((double)population.Requested / GoodbyesASecond);
        var until = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        while (!population.IsGone && Stopwatch.GetTimestamp() < until)
        {
            loop.RunOnce(until);
        }
    }

    private static double ProcessorSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;
}
