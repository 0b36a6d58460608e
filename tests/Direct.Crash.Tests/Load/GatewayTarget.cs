namespace Direct.Crash.Tests.Load;

/// <summary>Represents one run of a gateway, as its clients address it.</summary>
/// <param name="Run">A number that is unique among all runs of all gateways in a history. The name of the run in the cluster is <c>g</c> followed by this number.</param>
internal sealed record GatewayTarget(int Run, int Port)
{
    public string Name => FormattableString.Invariant($"g{Run}");
}

/// <summary>Represents the gateways that a load balancer offers now.</summary>
internal sealed class GatewayList
{
    private volatile GatewayTarget[] _gateways = [];

    public IReadOnlyList<GatewayTarget> All => _gateways;

    public void Add(GatewayTarget gateway) => _gateways = [.. _gateways, gateway];

    public void Remove(GatewayTarget gateway) => _gateways = [.. _gateways.Where(other => other != gateway)];

    public GatewayTarget Any() => _gateways[Random.Shared.Next(_gateways.Length)];

    /// <summary>Returns another gateway than <paramref name="than"/>, if there is one.</summary>
    public GatewayTarget Other(GatewayTarget than)
    {
        var others = _gateways.Where(gateway => gateway != than).ToArray();
        return others.Length == 0 ? Any() : others[Random.Shared.Next(others.Length)];
    }
}
