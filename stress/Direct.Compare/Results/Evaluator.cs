using Direct.Compare.Options;
using Direct.Compare.Scenarios;
using Direct.Compare.Servers;

namespace Direct.Compare.Results;

/// <summary>Calculates figures from measurements, and evaluates which of them were reached.</summary>
internal sealed class Evaluator(CompareOptions options)
{
    // Above this share of a core the load tool limits the measurement.
    private const double LoaderLimitPercent = 90;

    // A shell and the housekeeping of this program use far less.
    private const double OtherCoresLimit = 0.15;

    private readonly int _loaderCores = options.LoaderCore is { } cores ? CoreList.Count(cores) : int.MaxValue;

    /// <summary>Returns the figures of every server that has measurements, in the order of the scenarios.</summary>
    public IReadOnlyList<FigureResult> Figures(IReadOnlyCollection<Measurement> measurements) =>
    [
        .. from scenario in options.Scenarios
           let ofScenario = measurements.Where(measurement => measurement.Scenario == scenario.Name).ToArray()
           from server in ofScenario.Select(measurement => measurement.Server).Distinct().Where(server => server != BaselineOf(scenario))
           from figure in scenario.Figures
           select Evaluate(scenario, figure, server, ofScenario),
    ];

    /// <summary>Returns whether the load tool may have limited a run.</summary>
    public bool IsLoaderLimited(Measurement measurement) => measurement.Runs.Any(run =>
        run.Report.Loader is { } loader && loader.CpuPercent > LoaderLimitPercent * Math.Clamp(loader.Processes, 1, _loaderCores));

    public static bool HasOtherLoad(Measurement measurement) => measurement.OtherCores > OtherCoresLimit;

    /// <summary>Returns the baseline of a scenario's figures; null if there is none.</summary>
    public string? BaselineOf(Scenario scenario) => scenario.Baseline switch
    {
        Baseline.PlainFloor => FloorServerUnderTest.PlainName,
        Baseline.CoalescingFloor => FloorServerUnderTest.CoalescingName,
        Baseline.OneNode => options.Variants[0].Name,
        Baseline.OriginalDialect => DialectServerUnderTest.OriginalName,
        Baseline.Peer => options.Peer,
        _ => null,
    };

    private FigureResult Evaluate(Scenario scenario, Figure figure, string server, Measurement[] measurements)
    {
        var own = Rounds(measurements, server, figure.Metric);
        var baselineRounds = Rounds(measurements, BaselineOf(scenario), figure.Metric);
        var (value, baseline) = (Statistics.Of(own.Values), Statistics.Of(baselineRounds.Values));
        double? ratio = baseline is { Median: > 0 } && value is not null ? value.Value.Median / baseline.Value.Median : null;
        var rounds = own.Where(round => baselineRounds.GetValueOrDefault(round.Key) > 0).Select(round => round.Value / baselineRounds[round.Key]);
        var runs = measurements.Where(measurement => measurement.Server == server).ToArray();
        var verdict = VerdictOf(figure, figure.IsRatio ? ratio : value?.Median, runs);
        var remarks = Remarks(scenario, server, measurements);
        return new FigureResult(scenario, figure, server, value, baseline, ratio, Statistics.Of(rounds), verdict, remarks);
    }

    private static Verdict VerdictOf(Figure figure, double? value, Measurement[] runs) =>
        value is not { } measured ? Verdict.NotMeasured
        : runs.Any(run => run.Failure is null && !run.IsWhole) ? Verdict.Missed // a fast server that loses messages does not reach the figure
        : figure.Reach is not { } reach ? Verdict.Stated
        : !figure.Meets(measured, reach) ? Verdict.Missed
        : figure.Stretch is { } stretch && figure.Meets(measured, stretch) ? Verdict.Stretched
        : Verdict.Reached;

    private List<string> Remarks(Scenario scenario, string server, Measurement[] measurements)
    {
        var remarks = new List<string>();
        foreach (var name in new[] { server, BaselineOf(scenario) }.OfType<string>())
        {
            var runs = measurements.Where(measurement => measurement.Server == name).ToArray();
            var whose = name == server ? "" : name + ": ";
            Add(runs.Any(IsLoaderLimited), $"{whose}loader-limited");
            Add(runs.Any(HasOtherLoad), $"{whose}other load");
            Sum(run => run.Lost, "lost");
            Sum(run => run.Duplicated, "duplicated");
            Sum(run => run.Reordered, "reordered");
            Sum(run => run.FailedConnections, "connections failed");
            Sum(run => run.Failure is null ? 0 : 1, "runs failed");

            void Sum(Func<Measurement, long> count, string what)
            {
                var sum = runs.Sum(count);
                Add(sum > 0, $"{whose}{Numbers.Text(sum)} {what}");
            }
        }

        return remarks;

        void Add(bool isSo, string remark)
        {
            if (isSo)
            {
                remarks.Add(remark);
            }
        }
    }

    private static Dictionary<int, double> Rounds(Measurement[] measurements, string? server, Metric metric) => measurements
        .Where(measurement => measurement.Server == server && measurement.Values.ContainsKey(metric))
        .ToDictionary(measurement => measurement.Round, measurement => measurement.Values[metric]);
}
