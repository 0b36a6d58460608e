using Direct.Crash.Tests.Histories;
using static Direct.Crash.Tests.Checking.HandMade;

namespace Direct.Crash.Tests.Checking;

/// <summary>Tests that the checker reports each kind of violation, and reports none for a correct history.</summary>
public sealed class InvariantCheckerTests
{
    private readonly HandMade _made = new();

    [Fact]
    public void Check_WholeHistory_FindsNothing()
    {
        var (one, other) = (_made.Member(gateway: 1), _made.Member(gateway: 2));
        foreach (var signal in (SignalRecord[])[_made.Signal(1, sentAt: 200, delivered: 2), _made.Signal(2, sentAt: 300, delivered: 2)])
        {
            Receive(one, signal, at: 350);
            Receive(other, signal, at: 350);
        }

        var report = _made.Check();

        Assert.Empty(report.Violations);
        Assert.Equal(4, report.Obligations);
    }

    [Fact]
    public void Check_SignalNeverCame_IsLost()
    {
        _made.Member();
        _made.Signal(1, sentAt: 200, delivered: 0);

        AssertOnly(ViolationKind.Lost);
    }

    [Fact]
    public void Check_JoinedAfterItWasSent_NeedNotGetIt()
    {
        _made.Member();
        _made.Signal(1, sentAt: 99, delivered: 0);

        Assert.Empty(_made.Check().Violations);
    }

    [Fact]
    public void Check_CameTwice_IsDuplicate()
    {
        var member = _made.Member();
        var signal = _made.Signal(1, sentAt: 200, delivered: 1);
        Receive(member, signal, at: 210);
        Receive(member, signal, at: 220);

        AssertOnly(ViolationKind.Duplicate);
    }

    [Fact]
    public void Check_OlderCameAfterNewer_IsReordered()
    {
        var member = _made.Member();
        var (first, second) = (_made.Signal(1, sentAt: 200, delivered: 1), _made.Signal(2, sentAt: 220, delivered: 1));
        Receive(member, second, at: 240);
        Receive(member, first, at: 250);

        AssertOnly(ViolationKind.Reordered);
    }

    [Fact]
    public void Check_PendingOneCameAfterOneThroughAnotherGateway_IsNoPromise()
    {
        var member = _made.Member(gateway: 1);
        var first = _made.Signal(1, sentAt: 200, delivered: 0, status: 202, pending: [1]);
        var second = _made.Signal(2, sentAt: 220, delivered: 1, gateway: 2);
        Receive(member, second, at: 240);
        Receive(member, first, at: 250);

        Assert.Empty(_made.Check().Violations);
    }

    [Fact]
    public void Check_PendingOneCameAfterOneThroughTheSameGateway_IsReordered()
    {
        var member = _made.Member(gateway: 1);
        var first = _made.Signal(1, sentAt: 200, delivered: 0, status: 202, pending: [1]);
        var second = _made.Signal(2, sentAt: 220, delivered: 0, status: 202, pending: [1]);
        Receive(member, second, at: 240);
        Receive(member, first, at: 250);

        AssertOnly(ViolationKind.Reordered);
    }

    [Fact]
    public void Check_CameToAnotherRoom_IsWrongTarget()
    {
        var member = _made.Member();
        Receive(member, _made.Signal(1, sentAt: 200, delivered: 0, aim: new Aim(5, 8, 0)), at: 210);

        AssertAny(ViolationKind.WrongTarget);
    }

    [Fact]
    public void Check_CameAfterTheRoomWasLeft_IsWrongTarget()
    {
        var member = _made.Member();
        Move(member, 5, 8, sentAt: 200, confirmedAt: 220);
        Receive(member, _made.Signal(1, sentAt: 230, delivered: 0), at: 240);

        AssertAny(ViolationKind.WrongTarget);
    }

    [Fact]
    public void Check_CameWhileTheRoomWasBeingLeft_IsAllowed()
    {
        var member = _made.Member();
        Move(member, 5, 8, sentAt: 200, confirmedAt: 220);
        Receive(member, _made.Signal(1, sentAt: 210, delivered: 1), at: 240);
        _made.Signal(2, sentAt: 210, delivered: 0);

        Assert.Empty(_made.Check().Violations);
    }

    [Fact]
    public void Check_CameLongAfterItsAnswer_IsLate()
    {
        Receive(_made.Member(), _made.Signal(1, sentAt: 200, delivered: 1), at: 1300);

        AssertOnly(ViolationKind.Late);
    }

    [Fact]
    public void Check_RefusedOneNeverCame_IsNoPromise()
    {
        _made.Member();
        _made.Signal(1, sentAt: 200, delivered: 0, status: 503);
        _made.Signal(2, sentAt: 300, delivered: 0, status: 0);

        Assert.Empty(_made.Check().Violations);
    }

    [Fact]
    public void Check_GatewayDiedBeforeItCame_IsExcused()
    {
        var member = _made.Member(gateway: 2);
        _made.Fault(gateway: 2, from: 190);
        Close(member, code: 0, at: 195);
        _made.Signal(1, sentAt: 192, delivered: 0);

        var report = _made.Check();

        Assert.Empty(report.Violations);
        Assert.Equal(1, report.EndedBefore);
    }

    [Fact]
    public void Check_FencedOnlyAfterSomethingLaterCame_IsLost()
    {
        var member = _made.Member(gateway: 2);
        _made.Fault(gateway: 2, from: 150);
        _made.Signal(1, sentAt: 200, delivered: 0);
        var later = _made.Signal(2, sentAt: 300, delivered: 1);
        Receive(member, later, at: 310);
        Close(member, code: 4008, at: 320);

        AssertAny(ViolationKind.Lost);
    }

    [Fact]
    public void Check_AnsweredLongBeforeItsGatewayDied_IsLost()
    {
        var member = _made.Member(gateway: 2);
        _made.Signal(1, sentAt: 200, delivered: 1);
        _made.Fault(gateway: 2, from: 2000);
        Close(member, code: 0, at: 2010);

        AssertOnly(ViolationKind.Lost);
    }

    [Fact]
    public void Check_ClosedWithoutAnyHarmLongAfter_IsLost()
    {
        var member = _made.Member();
        _made.Signal(1, sentAt: 200, delivered: 1);
        Close(member, code: 4008, at: 2010);

        AssertOnly(ViolationKind.Lost);
    }

    [Fact]
    public void Check_MovedWithinTheGroupMeanwhile_IsLostWhileMoving()
    {
        var member = _made.Member();
        Move(member, 5, 8, sentAt: 202, confirmedAt: 205);
        _made.Signal(1, sentAt: 200, delivered: 0, aim: new Aim(5, 0, 0));

        AssertOnly(ViolationKind.LostWhileMoving);
    }

    [Fact]
    public void Check_ReceiptCountsFewerThanGotIt_IsWrongCount()
    {
        Receive(_made.Member(), _made.Signal(1, sentAt: 200, delivered: 0), at: 210);

        AssertOnly(ViolationKind.WrongCount);
    }

    [Fact]
    public void Check_CountsOneWhoJoinedMeanwhileAndNeverGotIt_IsWrongCount()
    {
        _made.Member();
        _made.Signal(1, sentAt: 99, delivered: 1);

        AssertOnly(ViolationKind.WrongCount);
    }

    [Fact]
    public void Check_CountsOneWhoJoinedMeanwhileAndEnded_IsAllowed()
    {
        Close(_made.Member(), code: 0, at: 115);
        _made.Signal(1, sentAt: 99, delivered: 1);

        Assert.Empty(_made.Check().Violations);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(0, ViolationKind.WrongCount)]
    [InlineData(2, ViolationKind.WrongCount)]
    public void Check_RepeatOfWhatWasAccepted_HasTheSameCount(int delivered, object? expected)
    {
        var signal = _made.Signal(1, sentAt: 200, delivered: 1);
        Try(signal, sentAt: 300, delivered, gateway: 2);
        Receive(_made.Member(), signal, at: 205);

        var report = _made.Check();

        Assert.Equal(expected, report.Violations.Select(violation => (object)violation.Kind).SingleOrDefault());
        Assert.Equal(2, report.ExactCounts);
    }

    private void AssertOnly(ViolationKind kind) => Assert.Equal([kind], _made.Check().Violations.Select(violation => violation.Kind));

    private void AssertAny(ViolationKind kind) => Assert.Contains(kind, _made.Check().Violations.Select(violation => violation.Kind));
}
