using System.Net;
using Direct.Grains.Liveness;
using Direct.Grains.Registry;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Registry;

public sealed class SiloVersionsTests
{
    private static readonly SiloAddress S1 = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress S2 = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualTimeProvider _time = new();
    private readonly FakeMembership _membership = new();
    private readonly SiloVersions _silos;

    public SiloVersionsTests()
    {
        _membership.Set(S1, SiloStatus.Active);
        _membership.Set(S2, SiloStatus.Active);
        _silos = new SiloVersions(_membership, _time);
    }

    [Fact]
    public void AllPolledWithin_OneHasNotForLong_IsFalse()
    {
        _silos.Record(S1, 0);
        _silos.Record(S2, 0);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_silos.AllPolledWithin(TimeSpan.FromSeconds(2)));

        _time.Advance(Tick);
        _silos.Record(S1, 0);

        Assert.False(_silos.AllPolledWithin(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void MayAnyLag_OlderVersion_IsTrueUntilItsFenceIsUp()
    {
        _silos.Record(S2, 1);
        _time.Advance(SiloTimes.HoldFor);
        Assert.True(_silos.MayAnyLag(2));

        _time.Advance(Tick);

        Assert.False(_silos.MayAnyLag(2));
    }

    /// <summary>
    /// Regression test: a restarted silo has another address, so the entries of its earlier runs were kept as long as the registry existed. The silo
    /// here is dead, and the time until its fence has passed.
    /// </summary>
    [Fact]
    public void Record_SiloIsGoneAndItsFenceIsUp_ForgetsIt()
    {
        _silos.Record(S2, 1);
        _membership.Set(S2, SiloStatus.Dead);
        _time.Advance(SiloTimes.HoldFor + Tick);

        _silos.Record(S1, 1);

        Assert.Equal(1, _silos.Count);
    }

    [Fact]
    public void Record_SiloIsGoneAndItsFenceIsNotUp_KeepsIt()
    {
        _silos.Record(S2, 1);
        _membership.Set(S2, SiloStatus.Dead);
        _time.Advance(SiloTimes.HoldFor);

        _silos.Record(S1, 2);

        Assert.True(_silos.MayAnyLag(2));
    }

    /// <summary>Tests that a silo that is a member is kept. A stopping silo polls until its last grain has moved.</summary>
    [Theory]
    [InlineData(SiloStatus.Active)]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Stopping)]
    public void Record_SilentSiloIsAMember_KeepsIt(SiloStatus status)
    {
        _silos.Record(S2, 1);
        _membership.Set(S2, status);
        _time.Advance(TimeSpan.FromHours(1));

        _silos.Record(S1, 1);

        Assert.Equal(2, _silos.Count);
    }
}
