using Direct.Grains.Tests.Fakes;
using Direct.Grains.Topics;
using Direct.Keeping;
using Direct.Testing.Time;
using static Direct.Grains.Tests.Fakes.Batches;

namespace Direct.Grains.Tests.Topics;

public sealed class LogChoiceTests
{
    private const long E1 = 1;
    private const long E2 = 2;
    private const long New = 99;

    private static readonly Ballot B1 = new(1, Guid.NewGuid());
    private static readonly Ballot B2 = new(2, Guid.NewGuid());

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Choose_SameBallot_TheLongestLog()
    {
        var choice = Choose(Report(Ring(E1, B1, 1, 5)), Report(Ring(E1, B1, 3, 7)), Report(Ring(E1, B1, 1, 6)));

        Assert.Equal((7, 5), (choice.Head, choice.Lowest));
    }

    /// <summary>
    /// Tests interleaving 35: a leader left a gateway out and died. That gateway has the longer log, and the others have the one that the leader continued.
    /// </summary>
    [Fact]
    public void Choose_LogInstalledUnderAHigherBallot_BeforeALongerOne()
    {
        var later = Ring(E2, B2, 1, 6);
        later.Marks.Insert(0, new EpochMark(E1, 5, TimeSpan.Zero));

        var choice = Choose(Report(Ring(E1, B1, 1, 9)), Report(later));

        Assert.Equal(6, choice.Head);
        Assert.Equal([(E1, 5L), (E2, 6L), (New, EpochTable.NoEnd)], Epochs(choice));
        Assert.False(choice.Table.Covers(new Stamp(E1, 6)));
    }

    [Fact]
    public void Choose_LogThatNoRecoveryInstalled_IsTheLowest()
    {
        Assert.Equal(3, Choose(Report(Ring(E1, null, 1, 9)), Report(Ring(E2, B1, 1, 3))).Head);
    }

    [Fact]
    public void Choose_EqualLogs_TheOneThatGoesFurtherBack()
    {
        Assert.Equal(2, Choose(Report(Ring(E1, B1, 4, 7)), Report(Ring(E1, B1, 2, 7)), Report(Ring(E1, B1, 3, 7))).Best.Report.First);
    }

    [Fact]
    public void Choose_EqualReports_DoesNotDependOnTheirOrder()
    {
        var (one, other) = (Report(Ring(E1, B1, 1, 7)), Report(Ring(E1, B1, 1, 7)));

        Assert.Same(Choose(one, other).Best, Choose(other, one).Best);
    }

    [Fact]
    public void Choose_OneReport_ClosesItsEpochAtItsHeadAndOpensTheNewOne()
    {
        var choice = Choose(Report(Ring(E1, B1, 5, 7)));

        Assert.Equal([(E1, 7L), (New, EpochTable.NoEnd)], Epochs(choice));
        Assert.Equal([5L, 6L, 7L], choice.Headers.Select(static header => header.Offset));
    }

    [Fact]
    public void Choose_EmptyLog_ContinuesAtZero()
    {
        var choice = Choose(Report(Ring(E1, B1, 1, 0)));

        Assert.Equal((0, 0), (choice.Head, choice.Lowest));
        Assert.Equal([(E1, 0L), (New, EpochTable.NoEnd)], Epochs(choice));
    }

    /// <summary>Tests a gateway that has the table of a recovery and not yet all messages before the end of its epochs, and nobody else answers.</summary>
    [Fact]
    public void Choose_LogBehindItsTable_EndsEveryEpochAtItsHead()
    {
        var ring = Ring(E2, B2, 1, 5);
        ring.Marks.Insert(0, new EpochMark(E1, 7, TimeSpan.Zero));

        Assert.Equal([(E1, 5L), (E2, 5L), (New, EpochTable.NoEnd)], Epochs(Choose(Report(ring))));
    }

    /// <summary>Tests the headers: the chosen gateway began to keep the topic at 5, and the other one still knows the id of message 2, which may be repeated.</summary>
    [Fact]
    public void Choose_OtherGatewayKnowsEarlierHeaders_HasThemToo()
    {
        var choice = Choose(Report(Ring(E1, B1, 5, 7)), Report(Ring(E1, B1, 2, 6)));

        Assert.Equal(7, choice.Head);
        Assert.Equal([2L, 3L, 4L, 5L, 6L, 7L], choice.Headers.Select(static header => header.Offset));
    }

    /// <summary>Tests headers of a log that divides from the chosen one at 5. Above that, its offsets belong to other messages.</summary>
    [Fact]
    public void Choose_OtherLogDivides_HasItsHeadersUpToThere()
    {
        var chosen = Ring(E2, B2, 6, 8);
        chosen.Marks.Insert(0, new EpochMark(E1, 5, TimeSpan.Zero));
        var other = FakeRing.Of(E1, B1, 4, 7, publisher: Guid.NewGuid());

        var choice = Choose(Report(chosen), Report(other));

        Assert.Equal([4L, 5L, 6L, 7L, 8L], choice.Headers.Select(static header => header.Offset));
        Assert.Equal([Publisher, Publisher, Publisher], choice.Headers.Where(static header => header.Offset > 5).Select(static header => header.Origin.Publisher));
    }

    private static FakeRing Ring(long epoch, Ballot? ballot, long first, long head) => FakeRing.Of(epoch, ballot, first, head);

    private static ReportedLog Report(FakeRing ring) => new(new FakeLink("a"), ring.Report(Room));

    private static IEnumerable<(long Id, long End)> Epochs(LogChoice choice) => choice.Table.Epochs.ToArray().Select(static epoch => (epoch.Id, epoch.End));

    private LogChoice Choose(params ReportedLog[] reports) => LogChoice.Choose(reports, New, _time);
}
