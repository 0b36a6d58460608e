using System.Net;
using Direct.Grains.Canaries;
using Direct.Grains.Gateways;
using Direct.Grains.Members;
using Direct.Grains.Tests.Fakes;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Canaries;

/// <summary>Tests that the canary result of each silo is separate: a silo that fails or hangs does not affect the results of the others.</summary>
public sealed class CanaryGrainTests
{
    private static readonly SiloAddress A = Address(1), B = Address(2), Old = Address(3), Leaving = Address(4);

    private readonly FakeMembership _membership = new();
    private readonly FakeManifests _manifests = new();
    private readonly ManualTimeProvider _time = new();

    public CanaryGrainTests()
    {
        _membership.Set(A, SiloStatus.Active);
        _membership.Set(B, SiloStatus.Active);
        _membership.Set(Old, SiloStatus.Active);
        _membership.Set(Leaving, SiloStatus.ShuttingDown);
        _membership.Set(Address(5), SiloStatus.Dead);
        _manifests.Set(A, [new SiloVersionProperty()]);
        _manifests.Set(B, [new SiloVersionProperty()]);
        _manifests.Set(Leaving, [new SiloVersionProperty()]);
        _manifests.Set(Old, []);
    }

    [Fact]
    public async Task Canaries_GoThroughEachActiveSilo_ThatKnowsThem()
    {
        var asked = new List<string>();

        var sent = await SendAsync(silo =>
        {
            asked.Add(silo);
            return Task.FromResult(true);
        });

        Assert.Equal([(A, CanaryOutcome.Sent), (B, CanaryOutcome.Sent), (Old, CanaryOutcome.Unknown)], sent);
        Assert.Equal([A.ToParsableString(), B.ToParsableString()], asked.Order());
    }

    [Fact]
    public async Task Canaries_OneSiloRefusesAndOneFails_AreNotSent()
    {
        var sent = await SendAsync(silo => silo == A.ToParsableString() ? Task.FromResult(false) : Task.FromException<bool>(new SiloUnavailableException()));

        Assert.Equal([(A, CanaryOutcome.NotSent), (B, CanaryOutcome.NotSent), (Old, CanaryOutcome.Unknown)], sent);
    }

    [Fact]
    public async Task Canaries_OneSiloHangs_TheOthersAreToldInTime()
    {
        var sending = SendAsync(silo => silo == A.ToParsableString() ? new TaskCompletionSource<bool>().Task : Task.FromResult(true));
        await Deadline.UntilAsync("the call waits", () => _time.ArmedTimers > 0);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([(A, CanaryOutcome.NotSent), (B, CanaryOutcome.Sent), (Old, CanaryOutcome.Unknown)], await sending);
    }

    private static SiloAddress Address(int port) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, port), port);

    private async Task<IEnumerable<(SiloAddress Silo, CanaryOutcome Outcome)>> SendAsync(Func<string, Task<bool>> send)
    {
        var grain = new CanaryGrain(new SiloMembers(_membership, _manifests), FakeCanaryLanes.Create(send), _time);
        var sent = await grain.SendAsync(Guid.NewGuid(), 1);
        return sent.Select(canary => ((SiloAddress[])[A, B, Old, Leaving]).Single(silo => silo.ToString() == canary.Silo)).Zip(sent, (silo, canary) => (silo, canary.Outcome))
            .OrderBy(each => each.silo.Endpoint.Port)
            .Select(each => (each.silo, each.Outcome));
    }
}
