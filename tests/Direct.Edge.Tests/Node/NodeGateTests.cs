using Direct.Edge.Node;
using Direct.Testing.Time;

namespace Direct.Edge.Tests.Node;

public sealed class NodeGateTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly NodeGate _gate;

    public NodeGateTests() => _gate = new NodeGate(_time);

    private long InAMinute => _time.GetTimestamp() + TimeSpan.FromMinutes(1).Ticks;

    [Fact]
    public void IsFenced_NoLease_NeverIs()
    {
        _time.Advance(TimeSpan.FromDays(1000));

        Assert.Equal((false, true), (_gate.IsFenced, _gate.IsOpen));
    }

    [Fact]
    public void IsFenced_LeaseRunsOut_IsJustPastItsEnd()
    {
        _gate.LeaseUntil(InAMinute);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((false, true), (_gate.IsFenced, _gate.IsOpen));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal((true, false), (_gate.IsFenced, _gate.IsOpen));
    }

    [Fact]
    public void IsFenced_LeaseIsRenewed_IsNot()
    {
        _gate.LeaseUntil(InAMinute);
        _time.Advance(TimeSpan.FromSeconds(50));
        _gate.LeaseUntil(InAMinute);

        _time.Advance(TimeSpan.FromSeconds(50));

        Assert.False(_gate.IsFenced);
    }

    [Fact]
    public void IsFenced_LeaseIsLostBeforeItsEnd_IsUntilItHasEnded()
    {
        _gate.LeaseUntil(InAMinute);
        _gate.Fence();
        _gate.LeaseUntil(InAMinute);
        Assert.True(_gate.IsFenced);

        _gate.EndLease();

        Assert.False(_gate.IsFenced);
    }
}
