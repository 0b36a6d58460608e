using Direct.Grains.Links;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements the list of live gateways, which the test sets.</summary>
internal sealed class FakeLiveGateways(params FakeLink[] links) : ILiveGateways
{
    public bool IsFenced { get; set; }

    public bool IsFull { get; set; }

    public bool IsStopping { get; set; }

    public List<FakeLink> All { get; } = [.. links];

    public IReadOnlyList<IGatewayLink> Links => [.. All];
}
