using Direct.Keeping;

namespace Direct.Hosting.Tests.Keeping;

public sealed class EpochTableTests
{
    private const long E1 = 11, E2 = 22, E3 = 33;

    private static readonly EpochTable One = EpochTable.Empty.Open(E1);
    private static readonly EpochTable Two = One.CloseAt(7, now: 100).Open(E2);

    [Fact]
    public void Covers_AClosedEpoch_OnlyUpToItsEnd()
    {
        Assert.True(Two.Covers(new Stamp(E1, 7)));
        Assert.False(Two.Covers(new Stamp(E1, 8)));
    }

    [Fact]
    public void Covers_TheOpenEpoch_EveryOffset()
    {
        // A repeat has the offset of its first delivery, which may be below the start of the epoch.
        Assert.True(Two.Covers(new Stamp(E2, 3)));
        Assert.True(Two.Covers(new Stamp(E2, 1_000_000)));
    }

    [Fact]
    public void Covers_AnUnknownEpochOrNoPosition_Nothing()
    {
        Assert.False(Two.Covers(new Stamp(E3, 1)));
        Assert.False(Two.Covers(Stamp.None));
    }

    [Fact]
    public void CloseAt_BelowEarlierEnds_LowersThem()
    {
        // A ring that lags behind may be the only one that is left; then nothing above its head is part of the log.
        var table = Two.CloseAt(5, now: 200).Open(E3);

        Assert.Equal([new(E1, 5, 100), new(E2, 5, 200), new(E3, EpochTable.NoEnd, 0)], table.Epochs.ToArray());
    }

    [Fact]
    public void Open_WhileAnEpochIsOpen_Throws() => Assert.Throws<InvalidOperationException>(() => One.Open(E2));

    [Theory]
    [InlineData(5, 5)]
    [InlineData(9, 7)]
    public void CommonWith_ATableThatDividesEarlier_IsTheSmallerEnd(long end, long common)
    {
        var other = One.CloseAt(end, now: 0).Open(E3);

        Assert.Equal(common, Two.CommonWith(other));
        Assert.Equal(common, other.CommonWith(Two));
    }

    [Fact]
    public void CommonWith_ATableWithTheSameOpenEpoch_HasNoEnd() => Assert.Equal(EpochTable.NoEnd, Two.CommonWith(Two));

    [Fact]
    public void CommonWith_ATableOfAnotherLog_IsZero() => Assert.Equal(0, Two.CommonWith(EpochTable.Empty.Open(E3)));

    [Fact]
    public void Without_OldEpochs_KeepsTheOpenOneAndRecentOnes()
    {
        var table = Two.CloseAt(9, now: 200).Open(E3);

        Assert.Same(table, table.Without(closedBefore: 100));
        Assert.Equal([E2, E3], table.Without(closedBefore: 101).Epochs.ToArray().Select(epoch => epoch.Id));
        Assert.Equal([E3], table.Without(closedBefore: 1_000).Epochs.ToArray().Select(epoch => epoch.Id));
        Assert.Equal(E3, table.Without(closedBefore: 1_000).Current);
    }
}
