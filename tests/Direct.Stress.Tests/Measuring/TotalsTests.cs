using Direct.Stress.Measuring;
using Direct.Stress.Options;
using Direct.Stress.Runs;

namespace Direct.Stress.Tests.Measuring;

public sealed class TotalsTests
{
    private static readonly StressOptions Room = new() { Scenario = ScenarioName.Room };

    [Fact]
    public void Of_SeveralProcesses_ExpectsWhatOneSentOfTheMembersOfAll()
    {
        var sender = Result(sent: 3, members: 2, received: 6);
        var other = Result(sent: 0, members: 4, received: 11);

        var totals = Totals.Of(Room, [sender, other]);

        Assert.Equal((3L, 17L, 1L), (totals.Sent, totals.Received, totals.Lost!.Value)); // 3 messages to 6 members
    }

    [Fact]
    public void Of_Duplicates_DoNotMakeUpForWhatIsLost()
    {
        var totals = Totals.Of(Room, [Result(sent: 2, members: 2, received: 4) with { Duplicated = 1 }]);

        Assert.Equal(1, totals.Lost);
    }

    [Fact]
    public void Of_SeveralProcesses_AddsErrorsAndTellsTheBusiest()
    {
        var first = Result(0, 1, 0) with { Errors = new Dictionary<string, long> { ["a"] = 1, ["b"] = 2 }, Seconds = 2, CpuSeconds = 1 };
        var second = Result(0, 1, 0) with { Errors = new Dictionary<string, long> { ["a"] = 4 }, Seconds = 2, CpuSeconds = 1.5 };

        var totals = Totals.Of(Room, [first, second]);

        Assert.Equal(new Dictionary<string, long> { ["a"] = 5, ["b"] = 2 }, totals.Errors);
        Assert.Equal((2.5, 75.0), (totals.CpuSeconds, totals.BusiestPercent));
    }

    private static WorkerResult Result(long sent, long members, long received) => new()
    {
        ConnectTimes = new Histogram().ToCounts(),
        Latency = new Histogram().ToCounts(),
        AnswerTimes = new Histogram().ToCounts(),
        Sent = sent,
        Received = received,
        SentByRoom = new Dictionary<int, long> { [0] = sent },
        Members = new Dictionary<int, long> { [0] = members },
        Errors = new Dictionary<string, long>(),
    };
}
