using Direct.Compare.Results;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Tests.Results;

public sealed class EvaluatorTests
{
    [Fact]
    public void Figures_BesideAFloor_AreTheRatioOfTheMedians()
    {
        var result = Single("A1", [
            .. Given.Rounds("A1", "floor", Metric.CpuPerDelivery, 5, 4, 6),
            .. Given.Rounds("A1", "direct", Metric.CpuPerDelivery, 6, 9, 6)]);

        Assert.Equal(new Statistics(6, 6, 9), result.Value);
        Assert.Equal(new Statistics(5, 4, 6), result.Baseline);
        Assert.Equal(1.2, result.Ratio!.Value, 6);
        Assert.Equal(new Statistics(1.2, 1, 2.25), result.RoundRatios);
        Assert.Equal(Verdict.Reached, result.Verdict);
        Assert.Empty(result.Remarks);
    }

    [Theory]
    [InlineData("A1", "floor", 4, 5, nameof(Verdict.Stretched))] // at most 1.25 and 1.0 of the floor
    [InlineData("A1", "floor", 6.25, 5, nameof(Verdict.Reached))]
    [InlineData("A1", "floor", 6.26, 5, nameof(Verdict.Missed))]
    [InlineData("S", "floor", 24, 1, nameof(Verdict.Missed))] // at least 25 and 60 times the floor
    [InlineData("S", "floor", 25, 1, nameof(Verdict.Reached))]
    [InlineData("S", "floor", 60, 1, nameof(Verdict.Stretched))]
    [InlineData("A64", "floor-coalescing", 0.2, 0.25, nameof(Verdict.Reached))]
    [InlineData("C", "floor", 4, 0.2, nameof(Verdict.Reached))] // 4 KB, independent of the floor
    [InlineData("C", "floor", 4.1, 100, nameof(Verdict.Missed))]
    [InlineData("T-C", "nobody", 99, 1, nameof(Verdict.Stated))]
    public void Figures_AtTheirLimits_AreReachedOrNot(string scenario, string beside, double value, double baseline, string expected)
    {
        var metric = Given.Options(scenario).Scenarios[0].Figures[0].Metric;

        var result = Single(scenario, [
            Given.Measurement(scenario, "direct", 1, metric, value),
            .. beside == "nobody" ? [] : Given.Rounds(scenario, beside, metric, baseline)]);

        Assert.Equal(expected, result.Verdict.ToString());
    }

    [Fact]
    public void Figures_OfAServerThatLosesMessages_AreMissedHoweverFastItIs()
    {
        var result = Single("A1", [
            .. Given.Rounds("A1", "floor", Metric.CpuPerDelivery, 5),
            Given.Measurement("A1", "direct", 1, Metric.CpuPerDelivery, 1, Given.Report(lost: 12_345))]);

        Assert.Equal(Verdict.Missed, result.Verdict);
        Assert.Equal(["12,345 lost"], result.Remarks);
    }

    [Fact]
    public void Figures_OfAFloorThatLosesMessages_AreJudgedAndSaySo()
    {
        var result = Single("A1", [
            Given.Measurement("A1", "floor", 1, Metric.CpuPerDelivery, 5, Given.Report(lost: 3)),
            .. Given.Rounds("A1", "direct", Metric.CpuPerDelivery, 5)]);

        Assert.Equal(Verdict.Stretched, result.Verdict);
        Assert.Equal(["floor: 3 lost"], result.Remarks);
    }

    [Theory]
    [InlineData(90, 1, "1", false)]
    [InlineData(91, 1, "1", true)]
    [InlineData(170, 2, "1-2", false)]
    [InlineData(185, 2, "1-2", true)]
    [InlineData(170, 2, "1", true)] // two processes on one core
    [InlineData(95, 1, "1-2", true)] // one process, independent of other processes
    public void LoaderLimited_IsWhoeverUsesUpItsCores(double percent, int processes, string cores, bool expected)
    {
        var evaluator = new Evaluator(Given.Options("A1") with { LoaderCore = cores });

        var run = Given.Measurement("A1", "direct", 1, Metric.CpuPerDelivery, 1, Given.Report(percent, processes));
        Assert.Equal(expected, evaluator.IsLoaderLimited(run));
    }

    [Fact]
    public void Remarks_OfRunsThatWereDisturbed_SayHowAndWhose()
    {
        var result = Single("A1", [
            Given.Measurement("A1", "floor", 1, Metric.CpuPerDelivery, 5, others: 0.5),
            Given.Measurement("A1", "direct", 1, Metric.CpuPerDelivery, 5, Given.Report(99)),
            new Measurement { Scenario = "A1", Server = "direct", Round = 2, Failure = "it did not start" }]);

        Assert.Equal(["loader-limited", "1 runs failed", "floor: other load"], result.Remarks);
    }

    [Theory]
    [InlineData(4.3, 4, nameof(Verdict.Stretched))] // evaluated by the limits, 5.6 and 4.3 µs, and not by the peer's figure
    [InlineData(5.6, 1, nameof(Verdict.Reached))]
    [InlineData(5.7, 100, nameof(Verdict.Missed))]
    public void Figures_OfACluster_AreJudgedByTheirLimitAndBesideThePeer(double value, double peer, string expected)
    {
        var result = Single("2G-W1", [
            .. Given.Rounds("2G-W1", "cluster", Metric.CpuPerDelivery, value),
            .. Given.Rounds("2G-W1", "bun-redis", Metric.CpuPerDelivery, peer)]);

        Assert.Equal(("cluster", peer, expected), (result.Server, result.Baseline!.Value.Median, result.Verdict.ToString()));
        Assert.Equal(value / peer, result.Ratio!.Value, 6);
    }

    [Theory]
    [InlineData("embedded-E", 13, nameof(Verdict.Stretched))]
    [InlineData("embedded-E", 18, nameof(Verdict.Reached))]
    [InlineData("embedded-E", 18.1, nameof(Verdict.Missed))]
    [InlineData("embedded-A1", 99, nameof(Verdict.Stated))]
    public void Figures_OfAGatewayWithEmbeddedSilo_AreOverTheNodeWithoutOne(string scenario, double value, string expected)
    {
        var metric = Given.Options(scenario).Scenarios[0].Figures[0].Metric;

        var result = Single(scenario, [
            .. Given.Rounds(scenario, "direct", metric, 10),
            .. Given.Rounds(scenario, "embedded", metric, value)]);

        Assert.Equal(("embedded", value / 10, expected), (result.Server, result.Ratio, result.Verdict.ToString()));
    }

    private static FigureResult Single(string scenario, Measurement[] measurements) =>
        Assert.Single(new Evaluator(Given.Options(scenario)).Figures(measurements));
}
