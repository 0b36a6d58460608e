using System.Net;
using Direct.Grains.Gateways;
using Direct.Grains.Registry;
using Direct.Testing.Time;

namespace Direct.Grains.Tests.Registry;

public sealed class RegistryTakeoverTests
{
    private static readonly SiloAddress S1 = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress S2 = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private static readonly GatewayTable Known = new(Guid.NewGuid(), 7, [new GatewayEntry(Guid.NewGuid(), "a", [])], 0);

    private readonly ManualTimeProvider _time = new();
    private readonly RegistryOptions _options = new();
    private readonly RegistryTakeover _takeover;

    public RegistryTakeoverTests()
    {
        _time.Advance(TimeSpan.FromSeconds(100));
        _takeover = new RegistryTakeover(_options, _time);
    }

    [Fact]
    public void TryServe_ColdClusterThatIsKnownToBeEmpty_WaitsForTheSilosOnly()
    {
        _takeover.IsKnownEmpty = true;
        Assert.False(_takeover.TryServe([S1]));

        _takeover.TryRecord(S1, GatewayTable.None);

        Assert.True(_takeover.TryServe([S1]));
    }

    [Fact]
    public void TryServe_OneSiloHasNotBeenHeard_Waits()
    {
        _takeover.TryRecord(S1, Known);
        Assert.False(_takeover.TryServe([S1, S2]));

        _takeover.TryRecord(S2, GatewayTable.None);

        Assert.True(_takeover.TryServe([S1, S2]));
    }

    [Fact]
    public void TryServe_UnheardSiloIsGone_Serves()
    {
        _takeover.TryRecord(S1, Known);

        Assert.True(_takeover.TryServe([S1]));
    }

    [Fact]
    public void TryServe_Twice_SaysSoOnce()
    {
        _takeover.TryRecord(S1, Known);
        Assert.True(_takeover.TryServe([S1]));

        Assert.False(_takeover.TryServe([S1]));
        Assert.True(_takeover.IsServing);
    }

    [Fact]
    public void TryRecord_SameSiloAgain_IsNotNeeded()
    {
        Assert.True(_takeover.TryRecord(S1, Known));

        Assert.False(_takeover.TryRecord(S1, Known));
    }
}
