using Direct.Crash.Tests.Histories;

namespace Direct.Crash.Tests.LongRun;

/// <summary>Tests that the checker of the long run finds what it must find, in histories made by hand.</summary>
public sealed class ClientTallyTests
{
    private const string Topic = "1,1,0";

    private readonly Tally _tally = new();
    private readonly ClientTally _client;
    private int _offset;

    public ClientTallyTests()
    {
        _client = new ClientTally(_tally, 7, [(1, 1)]);
        Send(_tally.AddStream(new Aim(1, 1, 0)), 1, 2, 3);
        Send(_tally.AddStream(new Aim(2, 2, 0)), 1);
    }

    [Fact]
    public void Receive_EverythingOnce_IsRight()
    {
        Receive(1, 2, 3);

        AssertRight();
        Assert.Equal((4, 3), (_tally.Accepted, _tally.DeliveriesReceived));
    }

    [Fact]
    public void Receive_MessageTwice_IsWrong()
    {
        Receive(1, 2, 2, 3);

        Assert.Contains("received twice", Assert.Single(_tally.Violations).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_MessageIsMissing_IsWrong()
    {
        Receive(1, 3);

        Assert.Contains("lost s1.2", Assert.Single(_client.Outstanding()), StringComparison.Ordinal);
    }

    [Fact]
    public void Outstanding_LastMessageIsMissing_HasIt()
    {
        Receive(1, 2);

        Assert.Empty(_tally.Violations);
        Assert.Contains("lost s1.3", Assert.Single(_client.Outstanding()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { 1 }, new[] { 3 })]
    [InlineData(new int[0], new[] { 3 })]
    [InlineData(new[] { 1 }, new int[0])]
    public void Gap_BeforeAnythingLater_IsRight(int[] before, int[] after)
    {
        Receive(before);
        _client.AddGap(Topic, "e.1", 1);
        Receive(after);

        AssertRight();
        Assert.Single(_tally.Gaps);
    }

    [Fact]
    public void Gap_MessageOfItComesLater_IsRightOnce()
    {
        Receive(1);
        _client.AddGap(Topic, "e.1", 1);
        Receive(3);
        Assert.Equal(1, _client.MissedInGaps);

        Receive(2);
        AssertRight();
        Assert.Equal(0, _client.MissedInGaps);

        Receive(2);
        Assert.Single(_tally.Violations);
    }

    [Fact]
    public void Gap_MessagesFromBeforeComeAgain_IsRight()
    {
        Receive(1, 2);
        _client.AddGap(Topic, "e.1", 1);
        Receive(1, 3, 2);
        AssertRight();
        Assert.Equal(2, _tally.AgainAfterGaps);

        Receive(3);
        Assert.Single(_tally.Violations);
    }

    [Fact]
    public void Gap_MessageFromBeforeComesAgainFirst_AccountsForWhatIsMissing()
    {
        Receive(1);
        _client.AddGap(Topic, "e.1", 1);
        Receive(1, 3);

        AssertRight();
        Assert.Equal(1, _client.MissedInGaps);
    }

    [Fact]
    public void Gap_AfterALaterMessage_IsWrong()
    {
        Receive(1, 3);
        _client.AddGap(Topic, "e.1", 1);

        Assert.Contains("lost s1.2", Assert.Single(_client.Outstanding()), StringComparison.Ordinal);
    }

    [Fact]
    public void Gap_BeforeAnEarlierMessage_IsWrong()
    {
        _client.AddGap(Topic, "e.1", 1);
        Receive(1, 3);

        Assert.Contains("lost s1.2", Assert.Single(_client.Outstanding()), StringComparison.Ordinal);
    }

    [Fact]
    public void Gap_OfAnotherTopic_IsWrong()
    {
        Receive(1);
        _client.AddGap("1,0,0", "e.1", 1);
        Receive(3);

        Assert.Contains("lost s1.2", Assert.Single(_client.Outstanding()), StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_WhatIsForOthers_IsWrong()
    {
        Receive(1, 2, 3);
        _client.AddMessage("2,2,0", "e.1", new SignalKey(2, 1), 1, isReplay: false);

        Assert.Contains("not addressed", Assert.Single(_tally.Violations).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_SignalThatWasGivenUp_MayComeLateButOnce()
    {
        var signal = new SignalRecord(new SignalKey(1, 4), new Aim(1, 1, 0), "id") { Attempts = { new Attempt(1, 4) { Status = 503 } } };
        _tally.Add(signal);
        _tally.Conclude(signal);
        Send(1, 5);
        Receive(1, 2, 3, 5);
        AssertRight();

        Receive(4);
        AssertRight();

        Receive(4);
        Assert.Single(_tally.Violations);
    }

    /// <summary>Tests a publisher that goes to another gateway: what the first one publishes again may come after that.</summary>
    [Fact]
    public void Receive_MessageAfterALaterOneOfItsPublisher_IsRightOnce()
    {
        Receive(1, 3, 2);
        AssertRight();
        Assert.Equal(1, _tally.Late);

        Receive(2);
        Assert.Single(_tally.Violations);
    }

    [Fact]
    public void Receive_AnotherMessageAtAnOffsetThanOthers_IsWrong()
    {
        var other = new ClientTally(_tally, 8, [(1, 1)]);
        Receive(1, 2, 3);

        other.AddMessage(Topic, "e.1", new SignalKey(1, 1), 1, isReplay: false);
        other.AddMessage(Topic, "f.1", new SignalKey(1, 2), 1, isReplay: false);
        Assert.Empty(_tally.Violations);
        other.AddMessage(Topic, "e.2", new SignalKey(1, 3), 1, isReplay: false);

        Assert.Contains("another order", Assert.Single(_tally.Violations).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Receive_OffsetsThatDescend_IsWrong()
    {
        _client.AddMessage(Topic, "e.2", new SignalKey(1, 1), 1, isReplay: false);
        _client.AddMessage(Topic, "e.1", new SignalKey(1, 2), 1, isReplay: false);

        Assert.Contains("another order", Assert.Single(_tally.Violations).What, StringComparison.Ordinal);
    }

    private void Send(int stream, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            var signal = new SignalRecord(new SignalKey(stream, number), _tally.Streams[stream].Aim, "id") { Attempts = { new Attempt(1, number) { Status = 200 } } };
            _tally.Add(signal);
            _tally.Conclude(signal);
        }
    }

    private void Receive(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            _client.AddMessage(Topic, FormattableString.Invariant($"e.{++_offset}"), new SignalKey(1, number), 1, isReplay: false);
        }
    }

    private void AssertRight()
    {
        Assert.Empty(_tally.Violations);
        Assert.Empty(_client.Outstanding());
    }
}
