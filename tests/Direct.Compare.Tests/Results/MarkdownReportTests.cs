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
    public void Write_Always_SaysWhatWasMeasuredWhereAndHow()
    {
        var page = Page("A1", []);

        Assert.StartsWith("# Direct compared with the floor, 2026-11-22", page, StringComparison.Ordinal);
        Assert.Contains("Commit `abc1234`. Imaginary 3000, 2 cores, Debian, .NET 10; load average at the start 0.10 0.20 0.30.", page);
        Assert.Contains("    stress/compare --runs=3", page);
        Assert.Contains("![ratios](2026-11-22-abc1234-compare.svg)", page);
        Assert.DoesNotContain("dirty", page);
        Assert.DoesNotContain("Scaled", page);
    }

    [Fact]
    public void Write_OfUncommittedChanges_SaysSo()
    {
        var page = MarkdownReport.Write(Given.Comparison(Given.Options("A1"), [], changedFiles: 3));

        Assert.Contains("Commit `abc1234` with uncommitted changes (dirty: 3 files).", page);
    }

    [Fact]
    public void Write_OfAScaledRun_SaysThatNothingCounts()
    {
        var page = MarkdownReport.Write(Given.Comparison(Given.Options("A1") with { Scale = 0.1 }, []));

        Assert.Contains("**Scaled to 0.1 of the connections and messages: the figures are not valid.**", page);
    }

    [Fact]
    public void Write_OfATurnThatFailed_SaysWhyInOneLine()
    {
        var page = Page("A1", [new Measurement { Scenario = "A1", Server = "direct", Round = 1, Failure = "no port|\nis free" }]);

        Assert.Contains("no port\\| is free |", page);
        Assert.Contains("| not measured; 1 runs failed |", page);
    }

    [Fact]
    public void Write_Notes_AreThere()
    {
        var page = MarkdownReport.Write(Given.Comparison(Given.Options("A1"), [], 0, "No floor, so no ratio to one: no compiler"));

        Assert.Contains("No floor, so no ratio to one: no compiler", page);
    }

    private static string Page(string scenarios, IReadOnlyList<Measurement> measurements) =>
        MarkdownReport.Write(Given.Comparison(Given.Options(scenarios), measurements));
}
