using Direct.Stress.Measuring;

namespace Direct.Stress.Tests.Measuring;

public sealed class ArrivalOrderTests
{
    private readonly ArrivalOrder _order = new(senders: 2);

    [Fact]
    public void Take_OneAfterTheOther_IsInOrder()
    {
        Assert.Equal([Arrival.InOrder, Arrival.InOrder, Arrival.InOrder], Take(1, 2, 3));
    }

    [Fact]
    public void Take_TheSameAgain_IsAgain()
    {
        Assert.Equal([Arrival.InOrder, Arrival.InOrder, Arrival.Again, Arrival.Again], Take(1, 2, 2, 1));
    }

    [Fact]
    public void Take_AfterALaterOne_IsLateOnceAndThenAgain()
    {
        Assert.Equal([Arrival.InOrder, Arrival.InOrder, Arrival.Late, Arrival.Again], Take(1, 3, 2, 2));
    }

    [Fact]
    public void Take_TheMiddleOfAGap_LeavesTheRestMissing()
    {
        Assert.Equal(
            [Arrival.InOrder, Arrival.Late, Arrival.Again, Arrival.Late, Arrival.Late, Arrival.InOrder],
            Take(10, 5, 5, 4, 9, 11));
    }

    [Fact]
    public void Take_TwoSenders_DoNotMix()
    {
        Assert.Equal(Arrival.InOrder, _order.Take(0, 1));
        Assert.Equal(Arrival.InOrder, _order.Take(1, 1));
        Assert.Equal(Arrival.InOrder, _order.Take(0, 2));
        Assert.Equal(Arrival.Again, _order.Take(1, 1));
    }

    [Fact]
    public void Take_ARandomMix_CountsLikeASet()
    {
        var random = new Random(11);
        var numbers = Enumerable.Range(1, 2_000).Where(_ => random.Next(10) > 0).SelectMany(
            i => Enumerable.Repeat((uint)i, random.Next(1, 3)))
            .OrderBy(i => i + random.Next(20)).ToArray();
        var (seen, latest) = (new HashSet<uint>(), 0u);

        foreach (var number in numbers)
        {
            var expected = !seen.Add(number) ? Arrival.Again : number > latest ? Arrival.InOrder : Arrival.Late;
            latest = Math.Max(latest, number);
            Assert.Equal(expected, _order.Take(0, number));
        }
    }

    private Arrival[] Take(params uint[] sequences) => [.. sequences.Select(sequence => _order.Take(0, sequence))];
}
