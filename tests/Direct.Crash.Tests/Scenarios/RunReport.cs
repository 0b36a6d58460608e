using Direct.Crash.Tests.Checking;
using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Represents the results of one scenario.</summary>
internal sealed class RunReport
{
    private readonly IReadOnlyList<SignalRecord> _signals;
    private readonly IReadOnlyList<GatewayFault> _faults;

    public RunReport(string name, History history, CheckReport check, long failedAt, IReadOnlyList<string> errors)
    {
        (Name, Check, Errors) = (name, check, errors);
        _signals = [.. history.Signals.Where(signal => !signal.IsBroadcast && signal.Attempts.Count > 0)];
        _faults = history.Faults;
        Accepted = _signals.Count(signal => signal.Accepted is not null);
        Incomplete = _signals.Count(signal => signal.Accepted is { Status: 202 });
        Refused = _signals.Sum(signal => signal.Attempts.Count(attempt => attempt.Status is not (0 or 200 or 202)));
        Unanswered = _signals.Sum(signal => signal.Attempts.Count(attempt => attempt.Status == 0));
        RefusedForGood = _signals.Count(signal => signal is { Id: not null, Accepted: null });
        Frames = history.Connections.Sum(connection => (long)connection.Received.Count);
        Connections = history.Connections.Count;
        Outages = failedAt == 0 ? [] : [.. OutagesAfter(failedAt)];
        var answers = _signals.SelectMany(signal => signal.Attempts).Where(attempt => attempt.Status != 0 && !IsHarmed(attempt)).ToList();
        LongestAnswer = answers.Select(Duration).DefaultIfEmpty().Max();
        LongestAccepted = answers.Where(attempt => attempt.IsAccepted).Select(Duration).DefaultIfEmpty().Max();
    }

    public string Name { get; }

    public CheckReport Check { get; }

    /// <summary>Gets the lines of level Error and above that silos and gateways have logged.</summary>
    public IReadOnlyList<string> Errors { get; }

    public int Accepted { get; }

    /// <summary>Gets the number of accepted signals that were answered 202.</summary>
    public int Incomplete { get; }

    public int Refused { get; }

    public int Unanswered { get; }

    /// <summary>Gets the number of signals with an id that were never accepted, in spite of repeats.</summary>
    public int RefusedForGood { get; }

    public long Frames { get; }

    public int Connections { get; }

    /// <summary>Gets for each publisher the longest time after the failure without an accepted response, in seconds. The times are in ascending order.</summary>
    public IReadOnlyList<double> Outages { get; }

    /// <summary>Gets the longest outage of all publishers.</summary>
    public double LongestOutage => Outages.Count == 0 ? 0 : Outages[^1];

    private double MedianOutage => Outages.Count == 0 ? 0 : Outages[Outages.Count / 2];

    /// <summary>Gets the longest time to any response of a gateway without a fault, in seconds.</summary>
    public double LongestAnswer { get; }

    public double LongestAccepted { get; }

    public string Row => FormattableString.Invariant(
        $"| {Name} | {Accepted} | {Incomplete} | {Refused} | {Unanswered} | {Frames} | {Connections} | {MedianOutage:0.00} | {LongestOutage:0.00} | {LongestAnswer:0.00} | {LongestAccepted:0.00} | {Check.LongestDelivery:0.00} | {Check.Obligations} | {Check.EndedBefore} | {Check.BroadcastsMissed} | {Check.Violations.Count} | {Errors.Count} |");

    /// <summary>Asserts that no guarantee was broken, and that enough signals were accepted.</summary>
    public void AssertHolds()
    {
        Assert.True(Check.Violations.Count == 0, $"{Name}: {Check.Violations.Count} violations\n{Check.Describe()}");
        Assert.True(Accepted >= CrashTimes.Signals, $"{Name}: only {Accepted} of {CrashTimes.Signals} signals were accepted");
        Assert.True(RefusedForGood == 0, $"{Name}: {RefusedForGood} signals with an id were never accepted");
    }

    /// <summary>Asserts a time of the table in docs/internals/cluster.md, with tolerance for a busy machine.</summary>
    public void AssertWithin(double seconds, double bound, string what)
    {
        var limit = Math.Max(bound * 3, bound + 5);
        Assert.True(seconds <= limit, FormattableString.Invariant($"{Name}: {what} after {seconds:0.00} s; the bound is {bound} s, and this test allows {limit} s"));
    }

    private IEnumerable<double> OutagesAfter(long failedAt) =>
        from signal in _signals
        where signal.Accepted is not null && signal.Accepted.AnsweredAt >= failedAt
        group signal.Accepted!.AnsweredAt by signal.Key.Stream into stream
        let answers = stream.Order().Prepend(failedAt).ToList()
        let longest = answers.Zip(answers.Skip(1), Clock.Seconds).Max()
        orderby longest
        select longest;

    private bool IsHarmed(Attempt attempt) =>
        _faults.Any(fault => fault.Gateway == attempt.Gateway && fault.From <= attempt.AnsweredAt && fault.Until >= attempt.SentAt);

    private static double Duration(Attempt attempt) => Clock.Seconds(attempt.SentAt, attempt.AnsweredAt);
}
