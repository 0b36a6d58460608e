using Direct.Compare.Scenarios;

namespace Direct.Compare.Tests.Scenarios;

public sealed class ScenarioListTests
{
    [Theory]
    [InlineData("A64", "--scenario=room --duration=6 --warmup=8 --batch=100 --connections=1000 --senders=1 --window=64 --payload=64")]
    [InlineData("S", "--scenario=room --duration=6 --warmup=2 --batch=100 --connections=1000 --senders=20 --window=50 --payload=64")]
    [InlineData("B", "--scenario=room --duration=6 --warmup=2 --batch=100 --connections=1000 --rooms=100 --senders=100 --window=4 --payload=64")]
    [InlineData("D", "--scenario=room --duration=6 --warmup=2 --batch=100 --connections=1000 --rooms=100 --senders=100 --rate=4000 --payload=64")]
    [InlineData("C", "--scenario=idle --duration=6 --warmup=2 --batch=100 --connections=4000")]
    [InlineData("K", "--scenario=connect --duration=6 --warmup=2 --batch=100 --connections=1000")]
    [InlineData("E", "--scenario=signal --duration=6 --warmup=20 --batch=100 --callers=16 --payload=64")]
    [InlineData("embedded-E", "--scenario=signal --duration=6 --warmup=45 --batch=100 --callers=16 --payload=64")]
    [InlineData("embedded-D", "--scenario=room --duration=6 --warmup=45 --batch=100 --connections=1000 --rooms=100 --senders=100 --rate=4000 --payload=64")]
    [InlineData("overload", "--scenario=room --duration=6 --warmup=2 --batch=100 --connections=1000 --senders=10 --rate=1000 --payload=64")]
    [InlineData("2G-signal", "--scenario=signal --duration=6 --warmup=30 --batch=100 --callers=16 --payload=64 --rate=1000")]
    [InlineData("2G-E", "--scenario=signal --duration=6 --warmup=30 --batch=100 --connections=160 --callers=64 --payload=64")]
    [InlineData("2G-E-1000", "--scenario=signal --duration=6 --warmup=30 --batch=100 --connections=160 --callers=16 --payload=64 --rate=1000")]
    [InlineData("2G-D", "--scenario=room --duration=6 --warmup=30 --batch=100 --connections=1000 --rooms=100 --senders=100 --rate=4000 --payload=64")]
    [InlineData("2G-rooms-of-one", "--scenario=room --duration=6 --warmup=30 --batch=100 --connections=1000 --rooms=1000 --senders=1000 --rate=1000 --payload=64")]
    [InlineData("8G-E", "--scenario=signal --duration=6 --warmup=30 --batch=100 --connections=160 --callers=64 --payload=64")]
    public void LoaderArguments_OfAScenario_AreWhatTheLoadToolTakes(string name, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Scenario(name).LoaderArguments(6, 2)));
    }

    [Fact]
    public void Scenarios_All_HaveNamesOfTheirOwnAndFigures()
    {
        Assert.Distinct(ScenarioList.All.Select(scenario => scenario.Name));
        Assert.All(ScenarioList.All, scenario => Assert.NotEmpty(scenario.Figures));
    }

    [Fact]
    public void Scenarios_WithARatioToReach_SayBesideWhat()
    {
        Assert.All(
            ScenarioList.All.Where(scenario => scenario.Figures.Any(figure => figure.IsRatio)),
            scenario => Assert.NotEqual(Baseline.None, scenario.Baseline));
    }

    [Fact]
    public void Scenarios_OfClusters_AreBesideThePeerAndSayHowManyGateways()
    {
        var clusters = ScenarioList.All.Where(scenario => scenario.IsCluster).ToArray();

        Assert.NotEmpty(clusters);
        Assert.All(clusters, scenario => Assert.Equal((Baseline.Peer, $"{scenario.Gateways}G"), (scenario.Baseline, scenario.Group)));
        Assert.All(clusters, scenario => Assert.StartsWith(scenario.Group!, scenario.Name, StringComparison.Ordinal));
        Assert.All(clusters.SelectMany(scenario => scenario.Figures), figure => Assert.False(figure.IsRatio)); // a limit needs no peer
    }

    [Fact]
    public void Figures_All_AreReachedBeforeTheyAreStretched()
    {
        foreach (var figure in ScenarioList.All.SelectMany(scenario => scenario.Figures).Where(figure => figure.Stretch is not null))
        {
            Assert.True(figure.Meets(figure.Stretch!.Value, figure.Reach!.Value), $"{figure}");
        }
    }

    [Theory]
    [InlineData("D", 40_000)]
    [InlineData("overload", 1_000_000)]
    [InlineData("A1", 0)]
    public void OfferedPerSecond_IsTheRateTimesTheMembersOfARoom(string name, double expected)
    {
        Assert.Equal(expected, Scenario(name).OfferedPerSecond);
    }

    [Fact]
    public void Scaled_AnyScenario_KeepsTwoMembersInARoomAndASenderForEach()
    {
        foreach (var scenario in ScenarioList.All.Select(scenario => scenario.Scaled(0.001)))
        {
            Assert.True(scenario.Connections >= 2 * scenario.Rooms, $"{scenario}");
            Assert.InRange(scenario.Senders, 1, scenario.Connections);
            Assert.True(scenario.Kind is not ScenarioKind.Slope || scenario.MoreConnections > scenario.Connections, $"{scenario}");
        }
    }

    private static Scenario Scenario(string name) => Assert.Single(ScenarioList.Named(name));
}
