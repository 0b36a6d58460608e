using Direct.Edge.Backplane;
using Direct.Edge.Node;
using Direct.Gateway.Canaries;
using Direct.Gateway.Diagnostics;
using Direct.Grains.Gateways;
using Direct.Testing.Metrics;
using Direct.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Tests.Canaries;

/// <summary>Tests when failed canaries make a gateway not ready, and when they do not.</summary>
public sealed class CanaryBoardTests : IDisposable
{
    private const string Duration = "direct.gateway.canary.duration";
    private const string Failures = "direct.gateway.canary.failures";

    private static readonly CanaryOptions Times = new();

    private readonly TestMeters _meters = new();
    private readonly ClusterMetrics _metrics;
    private readonly ManualTimeProvider _time = new();
    private readonly NodeGate _gate;
    private readonly CanaryBoard _board;

    public CanaryBoardTests()
    {
        _metrics = new ClusterMetrics(_meters);
        _gate = new NodeGate(_time);
        _board = new CanaryBoard(Options.Create(Times), _gate, _metrics, _time, NullLogger<CanaryBoard>.Instance);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Canary_Arrived_IsTimedFromItsSending()
    {
        var number = _board.Begin();
        _time.Advance(TimeSpan.FromMilliseconds(3));

        _board.Arrived("s", number);

        Assert.Equal(0.003, _meters.Sum(Duration), 6);
        Assert.Equal([new SiloCanary("s", TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(3), IsOk: true)], _board.Read());
    }

    [Fact]
    public void Round_ThatEnds_CountsWhatIsKnownOfEachFailure()
    {
        Round(isRenewed: true, [Sent("a"), Sent("b"), NotSent("c"), new SentCanary("old", CanaryOutcome.Unknown)], arrived: "b");

        Assert.Equal((1.0, 1.0, 2.0), (_meters.Sum(Failures, "reason=not_arrived"), _meters.Sum(Failures, "reason=not_sent"), _meters.Sum(Failures)));
        Assert.Equal([("a", false), ("b", true), ("c", false)], _board.Read().Select(canary => (canary.Silo, canary.IsOk)));
    }

    [Fact]
    public void Round_WithoutAnAnswer_IsOneFailure()
    {
        Round(isRenewed: true, null);

        Assert.Equal(1, _meters.Sum(Failures, "reason=unanswered"));
    }

    [Fact]
    public void AllFail_ForTheTime_AreTheReason()
    {
        FailFor(Times.NotReadyAfter - TimeSpan.FromTicks(1));
        var before = _gate.UnreachableReason;

        FailFor(Times.Interval);

        Assert.Equal((null, "no silo can reach this gateway"), (before, _gate.UnreachableReason));
    }

    [Fact]
    public void AllFail_AndOneArrives_IsTakenBackAtOnce()
    {
        FailFor(Times.NotReadyAfter * 2);

        _board.Arrived("a", _board.Begin());

        Assert.Null(_gate.UnreachableReason);
    }

    /// <summary>Tests a canary that arrives late. Silos repeat a delivery until it is answered, so the first delivery after a failure may be an old canary.</summary>
    [Fact]
    public void AllFail_AndALateOneArrives_IsTakenBackAndNotTimed()
    {
        FailFor(Times.NotReadyAfter * 2);

        _board.Arrived("a", 1);

        Assert.Equal((null, 0.0, false), (_gate.UnreachableReason, _meters.Sum(Duration), Assert.Single(_board.Read()).IsOk));
    }

    [Fact]
    public void OneOfTwoFails_ForAnyTime_IsNoReason()
    {
        for (var i = 0; i < 100; i++)
        {
            Round(isRenewed: true, [Sent("a"), Sent("dead")], arrived: "a");
            Assert.Null(_gate.UnreachableReason);
        }
    }

    /// <summary>Tests that a lost lease is not reported as failed canaries: then the gateway does not reach the silos either, and the lease fences it.</summary>
    [Fact]
    public void AllFail_AndTheLeaseIsNotRenewed_IsNoReason()
    {
        FailFor(Times.NotReadyAfter * 3, isRenewed: false);

        Assert.Null(_gate.UnreachableReason);
    }

    [Fact]
    public void NoSilos_ForAnyTime_IsNoReason()
    {
        for (var i = 0; i < 10; i++)
        {
            Round(isRenewed: true, []);
            Round(isRenewed: true, [new SentCanary("old", CanaryOutcome.Unknown)]);
        }

        Assert.Equal((null, 0.0, 0), (_gate.UnreachableReason, _meters.Sum(Failures), _board.Read().Count));
    }

    /// <summary>Tests a rollback of silos to 0.1.0. They send no canaries that could end the not-ready state.</summary>
    [Fact]
    public void NoSilos_AfterSomeReachedNothing_TakesTheReasonBack()
    {
        for (var i = 0; i < 10; i++)
        {
            Round(isRenewed: true, [Sent("a")]);
        }

        Assert.NotNull(_gate.UnreachableReason);

        Round(isRenewed: true, [new SentCanary("a", CanaryOutcome.Unknown)]);

        Assert.Null(_gate.UnreachableReason);
    }

    /// <summary>Tests that errors of the canaries themselves do not make gateways not ready.</summary>
    [Fact]
    public void NoAnswer_ForAnyTime_IsNoReason()
    {
        for (var i = 0; i < 10; i++)
        {
            Round(isRenewed: true, null);
        }

        Assert.Null(_gate.UnreachableReason);
    }

    [Fact]
    public void StandStill_LongerThanTheTime_IsNoReason()
    {
        var number = _board.Begin();
        _time.Advance(TimeSpan.FromMinutes(1));

        _board.End([Sent("a")], isRenewed: true);

        Assert.Null(_gate.UnreachableReason);
        Assert.Equal(1, number);
    }

    [Fact]
    public void Silo_ThatIsNoMemberAnyMore_IsForgotten()
    {
        Round(isRenewed: true, [Sent("a"), Sent("b")], arrived: "a");

        Round(isRenewed: true, [Sent("a")], arrived: "a");

        Assert.Equal("a", Assert.Single(_board.Read()).Silo);
    }

    [Fact]
    public void Reset_WithoutALease_StartsOver()
    {
        FailFor(Times.NotReadyAfter * 2);

        _board.Reset();

        Assert.Equal((null, 0), (_gate.UnreachableReason, _board.Read().Count));
    }

    private static SentCanary Sent(string silo) => new(silo, CanaryOutcome.Sent);

    private static SentCanary NotSent(string silo) => new(silo, CanaryOutcome.NotSent);

    private void FailFor(TimeSpan span, bool isRenewed = true)
    {
        for (var passed = Times.Timeout; passed <= span; passed += Times.Interval)
        {
            Round(isRenewed, [Sent("a")]);
        }
    }

    private void Round(bool isRenewed, SentCanary[]? sent, string? arrived = null)
    {
        var number = _board.Begin();
        if (arrived is not null)
        {
            _board.Arrived(arrived, number);
        }

        _time.Advance(Times.Timeout);
        _board.End(sent, isRenewed);
        _time.Advance(Times.Interval - Times.Timeout);
    }
}
