using System.Diagnostics;
using Direct.Stress.Links;
using Direct.Stress.Options;
using Direct.Stress.Scenarios;

namespace Direct.Stress.Runs;

/// <summary>Serves the links of a worker and its scenario on one thread, and reports its progress.</summary>
internal sealed class WorkerLoop : IDisposable
{
    private static readonly long ProgressTicks = Stopwatch.Frequency / 4;

    private readonly WorkerMailbox _mailbox;
    private readonly Engine _engine;
    private long _nextProgress;
    private long _nextReconnect = long.MaxValue;

    public WorkerLoop(StressOptions options, WorkerAssignment assignment, WorkerMailbox mailbox)
    {
        var gateways = options.Urls.Select(static url => Target.Resolve(new Uri(url))).ToList();
        var isPlain = options.Urls.Concat(options.SignalUrls).All(static url => new Uri(url).Scheme is "ws" or "http");
        _mailbox = mailbox;
        _engine = Engine.Create(options, isPlain);
        Run = new RunContext(options, assignment, _engine, gateways);
        Scenario = Scenario.Create(Run);
        Population = Scenario is ConnectScenario ? null : new Population(Run, Scenario);
    }

    public RunContext Run { get; }

    public Scenario Scenario { get; }

    /// <summary>Gets the population; null in scenario connect, whose connections do not stay.</summary>
    public Population? Population { get; }

    /// <summary>Gets the progress.</summary>
    public string Phase { get; set; } = "connecting";

    public void RunOnce(long due)
    {
        _engine.RunOnce(Math.Min(due, _nextReconnect));
        var now = Stopwatch.GetTimestamp();
        _nextReconnect = Population?.Reconnects?.Continue(now) ?? long.MaxValue;
        if (now >= _nextProgress)
        {
            _nextProgress = now + ProgressTicks;
            Report();
        }
    }

    public void Dispose()
    {
        Report();
        _engine.Dispose();
    }

    private void Report()
    {
        var churn = Scenario as ConnectScenario;
        _mailbox.Progress = new WorkerProgress(
            Phase,
            Population?.Succeeded ?? churn?.Succeeded ?? 0,
            Population?.Failed ?? churn?.Failed ?? 0,
            Population?.Ready ?? 0,
            Scenario.Sent,
            Run.Tally.Received,
            Run.Errors.Counts.Values.Sum());
    }
}
