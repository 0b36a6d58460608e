using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.Checking;

/// <summary>Tests that the checker of clients that resume finds what it must find, in histories made by hand.</summary>
public sealed class ResumeCheckerTests
{
    private const string Topic = "1,1,0";

    [Fact]
    public void Check_EverythingOnce_IsRight() => Assert.Empty(Check([Message(1), Message(2), Message(3)]));

    [Fact]
    public void Check_MessageTwice_IsWrong() => Assert.Contains("received twice", Assert.Single(Check([Message(1), Message(2), Message(2, connection: 2), Message(3)])), StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { 2, 3 })]
    [InlineData(new[] { 1, 3 })]
    [InlineData(new[] { 1, 2 })]
    public void Check_MessageIsMissing_IsWrong(int[] received) => Assert.Contains("lost", Assert.Single(Check([.. received.Select(number => Message(number))])), StringComparison.Ordinal);

    [Fact]
    public void Check_MessageIsMissingBetweenTwoInTheWrongOrder_IsWrong() =>
        Assert.Contains("lost", Assert.Single(Check([Message(3), Message(1)])), StringComparison.Ordinal);

    [Fact]
    public void Check_GapBeforeAnythingLater_IsRight() => Assert.Empty(Check([Message(1), Gap(Topic), Message(3)]));

    [Fact]
    public void Check_GapAfterALaterMessage_IsWrong() => Assert.Single(Check([Message(1), Message(3), Gap(Topic)]));

    [Fact]
    public void Check_GapBeforeAnEarlierMessage_IsWrong() => Assert.Single(Check([Gap(Topic), Message(1), Message(3)]));

    [Fact]
    public void Check_GapOfAnotherTopic_IsWrong() => Assert.Single(Check([Message(1), Gap("1,0,0"), Message(3)]));

    [Fact]
    public void Check_MessageThatMatchesNoRoom_IsWrong() =>
        Assert.Contains("not addressed", Assert.Single(Check([Message(1), Message(2), Message(3), Message(1, stream: 2)])), StringComparison.Ordinal);

    [Fact]
    public void Check_TwoOrdersOfOneTopic_IsWrong() =>
        Assert.Contains("other order", Assert.Single(Check([Message(1), Message(2), Message(3)], [Message(1), Message(3), Message(2)])), StringComparison.Ordinal);

    // Three messages of stream 1 to room 1,1 are accepted, and one of stream 2 to another room.
    private static IReadOnlyList<string> Check(params ResumeEvent[][] clients) =>
        ResumeChecker.Check(
            [.. clients.Select(Record)],
            [Accepted(1, 1, new Aim(1, 1, 0)), Accepted(1, 2, new Aim(1, 1, 0)), Accepted(1, 3, new Aim(1, 1, 0)), Accepted(2, 1, new Aim(2, 2, 0))]);

    private static ResumeRecord Record(ResumeEvent[] events)
    {
        var record = new ResumeRecord(7, [(1, 1)]) { ReadyAt = 0 };
        Array.ForEach(events, record.Events.Enqueue);
        return record;
    }

    private static SignalRecord Accepted(int stream, int number, Aim aim) =>
        new(new SignalKey(stream, number), aim) { Attempts = { new Attempt(1, number) { Status = 200, AnsweredAt = number } } };

    private static ResumeEvent Message(int number, int stream = 1, int connection = 1) => new(Topic, "e.1", new SignalKey(stream, number), connection, IsReplay: false);

    private static ResumeEvent Gap(string part) => new(part, "e.1", null, 1, IsReplay: false);
}
