using Direct.Grains.Gateways;
using Direct.Grains.Registry;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Registry;

public sealed class LeaseTableTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualTimeProvider _time = new();
    private readonly GatewayEntry _a = new(Guid.NewGuid(), "a", []);
    private readonly GatewayEntry _b = new(Guid.NewGuid(), "b", []);
    private readonly RegistryOptions _options = new();
    private readonly LeaseTable _leases;

    public LeaseTableTests()
    {
        _time.Advance(TimeSpan.FromSeconds(100));
        _leases = new LeaseTable(_options, _time);
    }

    [Theory]
    [InlineData(19.0, false)]
    [InlineData(19.1, true)]
    [InlineData(300, true)]
    public void RefusalOf_FenceAfter_IsComparedWithTheLeaseLessASecond(double fenceAfter, bool isRefused)
    {
        Assert.Equal(isRefused, _leases.RefusalOf(_a with { FenceAfter = TimeSpan.FromSeconds(fenceAfter) }) is not null);
    }

    /// <summary>Tests a gateway of 0.1.0, which does not send its <c>FenceAfter</c>.</summary>
    [Fact]
    public void RefusalOf_FenceAfterUnknown_IsNone()
    {
        Assert.Null(_leases.RefusalOf(_a));
    }

    /// <summary>Tests a registry with a shorter lease than that of the silo where a gateway registered. The connections of that gateway stay open for longer.</summary>
    [Fact]
    public void RemoveLapsed_GatewayFencesLaterThanTheLease_IsKeptUntilItHasFenced()
    {
        var late = _a with { FenceAfter = TimeSpan.FromSeconds(30) };
        _leases.Grant(late);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Empty(_leases.RemoveLapsed());

        _time.Advance(Tick);

        Assert.Equal([late], _leases.RemoveLapsed());
    }

    [Fact]
    public void RemoveLapsed_LeaseRenewed_KeepsIt()
    {
        _leases.Grant(_a);
        _leases.Grant(_b);
        _time.Advance(TimeSpan.FromSeconds(15));
        _leases.TryRenew(_a.Id);
        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal([_b], _leases.RemoveLapsed());
        Assert.Equal(_a.Id, Assert.Single(_leases.Gateways).Id);
    }

    [Fact]
    public void Grant_TheSameAgain_IsOneGatewayWithANewLease()
    {
        _leases.Grant(_a);
        _time.Advance(_options.LeaseDuration);

        _leases.Grant(_a);
        _time.Advance(_options.LeaseDuration);

        Assert.Empty(_leases.RemoveLapsed());
        Assert.Single(_leases.Gateways);
    }

    [Fact]
    public void AllAskedWithin_OneHasNotForLong_IsFalse()
    {
        _leases.Grant(_a);
        _leases.Grant(_b);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(_leases.HaveAllRequestedWithin(TimeSpan.FromSeconds(5)));

        _time.Advance(Tick);
        _leases.RecordQuery(_a.Id);

        Assert.False(_leases.HaveAllRequestedWithin(TimeSpan.FromSeconds(5)));
    }
}
