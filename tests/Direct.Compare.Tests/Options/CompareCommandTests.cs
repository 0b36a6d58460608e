using Direct.Compare.Options;

namespace Direct.Compare.Tests.Options;

public sealed class CompareCommandTests
{
    [Fact]
    public void Read_NoArguments_MeasuresEverythingFiveTimesOnTwoCores()
    {
        var options = Read();

        Assert.Equal(
            "A1 A4 A64 S B D C K E T-A1 T-C R overload embedded-E embedded-D embedded-A1 embedded-A64 2G-W64 2G-W1 2G-100 2G-signal "
                + "2G-E 2G-E16 2G-E-1000 2G-D 2G-D-split 2G-rooms-of-one 8G-E direct2-A1 direct2-A64 direct2-D direct2-E direct2-2G-W1 "
                + "direct2-2G-W64 direct2-2G-E",
            string.Join(' ', options.Scenarios.Select(scenario => scenario.Name)));
        Assert.Equal((5, "0", "1"), (options.Runs, options.ServerCore, options.LoaderCore));
        var variant = Assert.Single(options.Variants);
        Assert.Equal("direct", variant.Name);
        Assert.Empty(variant.Arguments);
        Assert.Null(options.Peer);
    }

    [Theory]
    [InlineData("B,A1", "A1 B")]
    [InlineData("t", "T-A1 T-C")]
    [InlineData("embedded", "embedded-E embedded-D embedded-A1 embedded-A64")]
    [InlineData("2G-W1, a64", "A64 2G-W1")]
    public void Read_Scenarios_AreThoseNamedInTheOrderOfTheList(string words, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Read("--scenarios", words).Scenarios.Select(scenario => scenario.Name)));
    }

    [Fact]
    public void Read_Variants_HaveTheCommonArgumentsAndTheirOwn()
    {
        var options = Read("--direct-args=a=1 b=2", "--variant", "direct=transport=direct", "--variant=kestrel=transport=kestrel  c");

        Assert.Equal(
            ["direct: a=1 b=2 transport=direct", "kestrel: a=1 b=2 transport=kestrel c"],
            options.Variants.Select(variant => $"{variant.Name}: {string.Join(' ', variant.Arguments)}"));
    }

    [Theory]
    [InlineData("--scenarios=A1,Z", "--scenarios holds 'Z'; there are A1, A4, A64, S, B, D, C, K, E, T, R, overload, embedded, 2G, 8G, direct2.")]
    [InlineData("--scenarios=", "Required argument missing for option: '--scenarios'")]
    [InlineData("--runs=0", "--runs is 0; it must be a whole number from 1 to 1000.")]
    [InlineData("--runs=many", "many")]
    [InlineData("--duration=0", "--duration is 0; it must be a number from 0.1 to 3600.")]
    [InlineData("--duration=NaN", "--duration is NaN")]
    [InlineData("--scale=2", "--scale is 2; it must be a number from 0.001 to 1.")]
    [InlineData("--port=40000", "--port is 40000; it must be a whole number from 1024 to 31000.")]
    [InlineData("--server-core=x", "--server-core is 'x'; it must be a core like 0, several like 0,2-3, or any.")]
    [InlineData("--floor=./floor", "--floor is './floor'; it must be a command that holds {port}, where its port is put.")]
    [InlineData("--variant=kestrel", "--variant is 'kestrel'; it must be a name of letters, digits and -, an =, and arguments")]
    [InlineData("--variant=a b=c", "--variant is 'a b=c'")]
    [InlineData("--variant=floor=a", "--variant 'floor' is taken; every variant needs a name of its own, not floor, floor-")]
    [InlineData("--variant=embedded=a", "--variant 'embedded' is taken")]
    [InlineData("--variant=original=a", "--variant 'original' is taken")]
    [InlineData("--variant=bun-redis=a", "--variant 'bun-redis' is taken")]
    [InlineData("--peer=nats", "--peer is 'nats'; it must be bun-redis, the only one that is known.")]
    [InlineData("--fast", "--fast")]
    public void Read_WrongArgument_IsRefusedBySayingWhatWasExpected(string argument, string expected)
    {
        var command = new CompareCommand();

        Assert.Null(command.Read(command.Root.Parse([argument]), out var errors));

        Assert.Contains(expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0,2-3", 3)]
    [InlineData("1,1", 1)]
    [InlineData("", 0)]
    [InlineData("3-1", 0)]
    [InlineData("-1", 0)]
    [InlineData("1-2-3", 0)]
    public void Count_OfACoreList_IsHowManyItNames(string list, int expected)
    {
        Assert.Equal(expected, CoreList.Count(list));
    }

    private static CompareOptions Read(params string[] arguments)
    {
        var command = new CompareCommand();
        var options = command.Read(command.Root.Parse(arguments), out var errors);
        Assert.Empty(errors);
        return options!;
    }
}
