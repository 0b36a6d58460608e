using Direct.Grains.Links;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements the list of live gateways, which the test sets.</summary>
internal sealed class FakeLiveGateways(params FakeLink[] links) : ILiveGateways
{
    public bool IsFenced { get; set; }

    public bool IsFull { get; set; }

    public bool IsStopping { get; set; }

    public TimeSpan? KeepFor { get; set; } = TestLogs.Window;

    public TimeSpan? RemembersIdsFor { get; set; } = TimeSpan.FromMinutes(5);

    public List<FakeLink> All { get; } = [.. links];

    public bool HasKeepers => All.Exists(static link => link.Keeps);

    public IReadOnlyList<IGatewayLink> Links => [.. All];
}
