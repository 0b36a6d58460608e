using System.Net;
using Direct.Edge.Connections;
using Direct.Edge.Node;
using Direct.Edge.Timing;
using Direct.Testing.Time;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Tests.Connections;

public sealed class AddressJoinsTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly DeadlineWheel _wheel;
    private readonly AddressJoins _joins;

    public AddressJoinsTests()
    {
        _wheel = new DeadlineWheel(_clock);
        _wheel.Start();
        var limits = new LimitOptions { JoinsPerSecondPerAddress = 1, JoinBurstPerAddress = 2 };
        _joins = new AddressJoins(
            new EffectiveLimits(Options.Create(limits), Options.Create(new NodeOptions()), Options.Create(new EndpointOptions()), new FileDescriptorLimit(long.MaxValue)),
            _wheel);
    }

    public void Dispose() => _wheel.Dispose();

    /// <summary>Tests that addresses without further joins are forgotten, because an attacker may use any number of addresses.</summary>
    [Fact]
    public void TryTake_FromMoreAndMoreAddresses_RemembersOnlyThoseOfTheLastSeconds()
    {
        for (var i = 0; i < 20_000; i++)
        {
            Assert.True(_joins.TryTake(Address(i)));
            _clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(_joins.Count, 100, 2_048);
    }

    [Fact]
    public void TryTake_AddressThatIsStillOverItsLimit_IsNotForgotten()
    {
        Assert.True(_joins.TryTake(Address(-1)));
        Assert.True(_joins.TryTake(Address(-1)));

        for (var i = 0; i < 10_000; i++)
        {
            _joins.TryTake(Address(i));
        }

        Assert.False(_joins.TryTake(Address(-1)));
    }

    [Fact]
    public void TryTake_JoinsThatCanWait_LeaveATenthOfTheBurst()
    {
        var joins = new AddressJoins(
            new EffectiveLimits(
                Options.Create(new LimitOptions { JoinsPerSecondPerAddress = 1, JoinBurstPerAddress = 20 }),
                Options.Create(new NodeOptions()), Options.Create(new EndpointOptions()), new FileDescriptorLimit(long.MaxValue)),
            _wheel);

        Assert.Equal(18, Enumerable.Range(0, 20).Count(_ => joins.TryTake(Address(1), canWait: true)));
        Assert.Equal(2, Enumerable.Range(0, 20).Count(_ => joins.TryTake(Address(1))));
    }

    private static IPAddress Address(int number) => new(BitConverter.GetBytes(number));
}
