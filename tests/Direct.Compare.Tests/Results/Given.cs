using Direct.Compare.Loading;
using Direct.Compare.Machines;
using Direct.Compare.Options;
using Direct.Compare.Results;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Tests.Results;

/// <summary>Creates measurements for tests.</summary>
internal static class Given
{
    public static CompareOptions Options(string scenarios, params string[] variants) => new()
    {
        Scenarios = [.. scenarios.Split(',').SelectMany(ScenarioList.Named)],
        Variants = [.. (variants.Length == 0 ? ["direct"] : variants).Select(name => new Variant(name, []))],
        Runs = 3,
        LoaderCore = "1",
        Peer = "bun-redis",
    };

    /// <summary>Returns one measurement for each round, starting at 1.</summary>
    public static IEnumerable<Measurement> Rounds(string scenario, string server, Metric metric, params double[] values) =>
        values.Select((value, index) => Measurement(scenario, server, index + 1, metric, value));

    public static Measurement Measurement(
        string scenario, string server, int round, Metric metric, double value, LoadReport? report = null, double others = 0) => new()
        {
            Scenario = scenario,
            Server = server,
            Round = round,
            Values = new Dictionary<Metric, double> { [metric] = value },
            Runs = [new LoadRun(report ?? Report(), "{}", others)],
        };

    public static LoadReport Report(double loaderPercent = 40, int processes = 1, long lost = 0) => new()
    {
        Scenario = "room",
        Connections = new LoadReport.ConnectionCounts(10, 10, 0),
        Lost = lost,
        Loader = new LoadReport.LoaderUse(1, loaderPercent, processes),
    };

    public static Comparison Comparison(
        CompareOptions options, IReadOnlyList<Measurement> measurements, int changedFiles = 0, params string[] notes) => new(
        options,
        "stress/compare --runs=3",
        new DateTime(2026, 11, 22, 12, 0, 0, DateTimeKind.Utc),
        new Machine("Imaginary 3000", 2, "Debian", ".NET 10", "0.10 0.20 0.30"),
        new Revision("abc1234", changedFiles),
        [("floor", "artifacts/compare/floor {port}"), ("direct", "dotnet Direct.Gateway.dll")],
        measurements,
        notes);
}
