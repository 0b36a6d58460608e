using Direct.Stress.Measuring;
using Direct.Stress.Options;

namespace Direct.Stress.Runs;

/// <summary>Adds the counts of all workers.</summary>
internal sealed record Totals
{
    public long Requested { get; init; }

    public long Succeeded { get; init; }

    public long Failed { get; init; }

    /// <summary>Gets the number of connections that succeeded and were ended by the server.</summary>
    public long Ended { get; init; }

    public required Histogram ConnectTimes { get; init; }

    public required Histogram Latency { get; init; }

    public required Histogram AnswerTimes { get; init; }

    public double Seconds { get; init; }

    public double CpuSeconds { get; init; }

    /// <summary>Gets the processor time of the busiest worker, in percent of a core.</summary>
    public double BusiestPercent { get; init; }

    public long Sent { get; init; }

    public long SentInWindow { get; init; }

    public long Received { get; init; }

    public long ReceivedInWindow { get; init; }

    public long Duplicated { get; init; }

    public long Reordered { get; init; }

    public long Foreign { get; init; }

    /// <summary>Gets the number of missing deliveries; null if messages have no number.</summary>
    public long? Lost { get; init; }

    public required IReadOnlyDictionary<string, long> Errors { get; init; }

    /// <summary>Gets what only clients of direct.2 see; null in the original dialect.</summary>
    public ResumeTotals? Resumes { get; init; }

    public static Totals Of(StressOptions options, IReadOnlyCollection<WorkerResult> results)
    {
        var errors = new ErrorCounts();
        foreach (var (error, count) in results.SelectMany(static result => result.Errors))
        {
            errors.Add(error, count);
        }

        var resumes = results.Select(static result => result.Resumes).OfType<ResumeCounts>().ToList();
        var unique = results.Sum(static result => result.Received - result.Duplicated);
        var expected = Expected(
            Add(results.Select(static result => result.SentByRoom)),
            Add(results.Select(static result => result.Members)),
            options.Scenario is ScenarioName.Signal && options.HasPart ? options.Expect : null);
        return new Totals
        {
            Requested = results.Sum(static result => result.Requested),
            Succeeded = results.Sum(static result => result.Succeeded),
            Failed = results.Sum(static result => result.Failed),
            Ended = results.Sum(static result => result.Ended),
            ConnectTimes = Merge(results.Select(static result => result.ConnectTimes)),
            Latency = Merge(results.Select(static result => result.Latency)),
            AnswerTimes = Merge(results.Select(static result => result.AnswerTimes)),
            Seconds = results.Max(static result => result.Seconds),
            CpuSeconds = results.Sum(static result => result.CpuSeconds),
            BusiestPercent = results.Max(static result => result.Seconds > 0 ? 100 * result.CpuSeconds / result.Seconds : 0),
            Sent = results.Sum(static result => result.Sent),
            SentInWindow = results.Sum(static result => result.SentInWindow),
            Received = results.Sum(static result => result.Received),
            ReceivedInWindow = results.Sum(static result => result.ReceivedInWindow),
            Duplicated = results.Sum(static result => result.Duplicated),
            Reordered = results.Sum(static result => result.Reordered),
            Foreign = results.Sum(static result => result.Foreign),
            Lost = options.Scenario is ScenarioName.Chat ? null
                : options.IsDirect2 ? resumes.Sum(static part => part.Lost)
                : Math.Max(0, expected - unique),
            Errors = errors.Counts,
            Resumes = options.IsDirect2 ? ResumeTotals.Of(resumes) : null,
        };
    }

    /// <summary>Calculates the deliveries of messages: to every member of their rooms, or to as many connections as the user says.</summary>
    public static long Expected(IReadOnlyDictionary<int, long> sentByRoom, IReadOnlyDictionary<int, long> members, int? ofEach) =>
        sentByRoom.Sum(sent => sent.Value * (ofEach ?? members.GetValueOrDefault(sent.Key)));

    public static Dictionary<int, long> Add(IEnumerable<IReadOnlyDictionary<int, long>> parts) =>
        parts.SelectMany(static part => part)
            .GroupBy(static pair => pair.Key)
            .ToDictionary(static room => room.Key, static room => room.Sum(static pair => pair.Value));

    internal static Histogram Merge(IEnumerable<HistogramCounts> parts)
    {
        var all = new Histogram();
        foreach (var part in parts)
        {
            all.Add(Histogram.From(part));
        }

        return all;
    }
}
