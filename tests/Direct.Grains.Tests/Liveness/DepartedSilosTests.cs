using System.Net;
using Direct.Grains.Liveness;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Liveness;

public sealed class DepartedSilosTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly SiloAddress One = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 2, 1);

    private readonly ManualTimeProvider _time = new();
    private readonly FakeMembership _membership = new();
    private readonly DepartedSilos _silos;

    public DepartedSilosTests()
    {
        _membership.Set(One, SiloStatus.Active);
        _membership.Set(Other, SiloStatus.Active);
        _silos = new DepartedSilos(_membership, _time);
    }

    [Fact]
    public void HasLeftWithin_SinceTheStart_IsNotKnownAtFirst()
    {
        Assert.True(_silos.HasLeftWithin(Minute));

        PassAMinute();

        Assert.False(_silos.HasLeftWithin(Minute));
    }

    [Theory]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Stopping)]
    [InlineData(SiloStatus.Dead)]
    public void HasLeftWithin_ASiloLeaves_IsTrueForThatTime(SiloStatus status)
    {
        PassAMinute();

        _membership.Set(Other, status);
        Assert.True(_silos.HasLeftWithin(Minute));

        PassAMinute();
        Assert.False(_silos.HasLeftWithin(Minute));
    }

    [Fact]
    public void HasLeftWithin_OthersJoinOrDisappear_IsFalse()
    {
        _membership.Set(Other, SiloStatus.Dead);
        PassAMinute();

        _membership.Set(SiloAddress.New(IPAddress.Loopback, 3, 1), SiloStatus.Active);
        _membership.Set(Other, SiloStatus.Dead);

        Assert.False(_silos.HasLeftWithin(Minute));
    }

    private void PassAMinute()
    {
        _silos.Look();
        _time.Advance(Minute + TimeSpan.FromTicks(1));
    }
}
