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
    [InlineData("direct2-2G-W64", "--scenario=room --duration=6 --warmup=30 --batch=100 --connections=1000 --senders=1 --window=64 --payload=64")]
    [InlineData("8G-E", "--scenario=signal --duration=6 --warmup=30 --batch=100 --connections=160 --callers=64 --payload=64")]
    public void LoaderArguments_OfAScenario_AreWhatTheLoadToolTakes(string name, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Scenario(name).LoaderArguments(6, 2)));
    }

    [Fact]
    public void Figures_All_AreReachedBeforeTheyAreStretched()
    {
        foreach (var figure in ScenarioList.All.SelectMany(scenario => scenario.Figures).Where(figure => figure.Stretch is not null))
        {
            Assert.True(figure.Meets(figure.Stretch!.Value, figure.Reach!.Value), $"{figure}");
        }
    }

    private static Scenario Scenario(string name) => Assert.Single(ScenarioList.Named(name));
}
