using Direct.Compare.Loading;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Results;

/// <summary>Represents one measurement of one server in one scenario.</summary>
internal sealed record Measurement
{
    public required string Scenario { get; init; }

    public required string Server { get; init; }

    /// <summary>Gets the number of the round, from 1.</summary>
    public required int Round { get; init; }

    public IReadOnlyDictionary<Metric, double> Values { get; init; } = new Dictionary<Metric, double>();

    /// <summary>Gets the load tool's runs: one, or two if the scenario has two.</summary>
    public IReadOnlyList<LoadRun> Runs { get; init; } = [];

    /// <summary>Gets why nothing was measured; otherwise null.</summary>
    public string? Failure { get; init; }

    public double LoaderPercent => Runs.Select(run => run.Report.Loader?.CpuPercent ?? 0).DefaultIfEmpty().Max();

    public double OtherCores => Runs.Select(run => run.OtherCores).DefaultIfEmpty().Max();

    public long Lost => Runs.Sum(run => run.Report.Lost);

    public long Duplicated => Runs.Sum(run => run.Report.Duplicated);

    public long Reordered => Runs.Sum(run => run.Report.Reordered);

    public long FailedConnections => Runs.Sum(run => (long)run.Report.Connections.Failed);

    /// <summary>Gets whether every message was received once and in order.</summary>
    public bool IsWhole => Lost + Duplicated + Reordered + FailedConnections == 0;
}
