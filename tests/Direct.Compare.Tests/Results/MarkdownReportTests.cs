using Direct.Compare.Results;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Tests.Results;

public sealed class MarkdownReportTests
{
    [Fact]
    public void Write_AMeasuredFigure_HasItsRow()
    {
        var page = Page("A1,S", [
            .. Given.Rounds("A1", "floor", Metric.CpuPerDelivery, 5, 4, 6),
            .. Given.Rounds("A1", "direct", Metric.CpuPerDelivery, 6, 9, 6),
            .. Given.Rounds("S", "floor", Metric.DeliveriesPerSecond, 100_000),
            .. Given.Rounds("S", "direct", Metric.DeliveriesPerSecond, 2_000_000)]);

        Assert.Contains(
            "| A1: one room of 1,000, one message at a time | CPU per delivery / plain floor | direct | 6 (6-9) µs "
            + "| 5 plain floor | 1.2 (1-2.25) | ≤ 1.25 | ≤ 1 | reached |",
            page);
        Assert.Contains("| deliveries/s / plain floor | direct | 2,000,000/s | 100,000 plain floor | 20.0 | ≥ 25 | ", page);
        Assert.Contains("1 of 2 figures reached.", page);
        Assert.Contains("- A1: `--scenario=room --duration=6 --warmup=8", page);
        Assert.Contains("- floor: `artifacts/compare/floor {port}`", page);
    }

    [Fact]
    public void Write_AClusterAndItsPeer_ShowsBothAndTheRatio()
    {
        var page = Page("2G-E", [
            .. Given.Rounds("2G-E", "cluster", Metric.CpuPerSignal, 33),
            .. Given.Rounds("2G-E", "bun-redis", Metric.CpuPerSignal, 22)]);

        Assert.Contains("| CPU per signal | cluster | 33.0 µs | 22.0 peer | 1.5 | ≤ 35 µs | ≤ 22 µs | reached |", page);
        Assert.Contains("| signals/s | cluster | - | - | - | ≥ 25,000/s | ≥ 40,000/s | not measured |", page);
        Assert.Contains("|  | bun-redis | 22.0 µs |", page);
    }

    [Fact]
    public void Write_OfUncommittedChanges_SaysSo()
    {
        var page = MarkdownReport.Write(Given.Comparison(Given.Options("A1"), [], changedFiles: 3));

        Assert.Contains("Commit `abc1234` with uncommitted changes (dirty: 3 files).", page);
    }

    private static string Page(string scenarios, IReadOnlyList<Measurement> measurements) =>
        MarkdownReport.Write(Given.Comparison(Given.Options(scenarios), measurements));
}
