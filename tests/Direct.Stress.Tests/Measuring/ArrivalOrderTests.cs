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

    [Fact]
    public void CountMissing_WithoutAGap_CountsHolesAndTheEndExceptWhatWasNotAccepted()
    {
        Take(1, 2, 5, 6);
        var unaccepted = new NumberRanges();
        unaccepted.Add(4, 4);
        unaccepted.Add(9, 9);

        Assert.Equal(new MissingCount(Lost: 3, InGaps: 0), _order.CountMissing(0, 9, unaccepted)); // 3, 7 and 8
        Assert.Equal(new MissingCount(Lost: 2, InGaps: 0), _order.CountMissing(1, 2, NumberRanges.Empty));
    }

    [Fact]
    public void Excuse_UpToANumber_ExcusesWhatFollowsTheLatestAndNothingElse()
    {
        Take(1, 3); // 2 was lost before the gap
        _order.Excuse(0, 6);
        Take(5, 9); // 5 comes nevertheless; 7 and 8 were sent after the gap

        Assert.Equal(new MissingCount(Lost: 3, InGaps: 2), _order.CountMissing(0, 9, NumberRanges.Empty));
    }

    [Fact]
    public void Excuse_UpToTheNextMessage_ExcusesWhatIsMissingBeforeIt()
    {
        Take(1);
        _order.Excuse(0, null);
        Take(4, 6); // 2 and 3 are excused, 5 is not

        Assert.Equal(new MissingCount(Lost: 1, InGaps: 2), _order.CountMissing(0, 6, NumberRanges.Empty));
    }

    [Fact]
    public void Excuse_UpToTheNextMessageThatFollowsAtOnce_ExcusesNothing()
    {
        Take(1);
        _order.Excuse(0, null);
        Take(2, 4);

        Assert.Equal(new MissingCount(Lost: 1, InGaps: 0), _order.CountMissing(0, 4, NumberRanges.Empty));
    }

    [Fact]
    public void Excuse_UpToTheNextMessageAndNoneComes_ExcusesTheEnd()
    {
        Take(1, 2);
        _order.Excuse(0, null);

        Assert.Equal(new MissingCount(Lost: 0, InGaps: 3), _order.CountMissing(0, 5, NumberRanges.Empty));
    }

    [Fact]
    public void Excuse_TwoGapsThatOverlap_CountEachMessageOnce()
    {
        _order.Excuse(0, 4);
        Take(2);
        _order.Excuse(0, 6);
        Take(8);

        Assert.Equal(new MissingCount(Lost: 1, InGaps: 5), _order.CountMissing(0, 8, NumberRanges.Empty));
    }

    private Arrival[] Take(params uint[] sequences) => [.. sequences.Select(sequence => _order.Take(0, sequence))];
}
