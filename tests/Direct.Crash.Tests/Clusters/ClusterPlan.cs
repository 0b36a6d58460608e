namespace Direct.Crash.Tests.Clusters;

/// <summary>What cluster a scenario wants.</summary>
internal sealed record ClusterPlan
{
    public int Silos { get; init; } = 2;

    public int Gateways { get; init; } = 2;

    /// <summary>Whether a proxy stands before every silo's port for gateways.</summary>
    public bool HasProxies { get; init; }

    /// <summary>More <c>key=value</c> for every silo.</summary>
    public IReadOnlyList<string> SiloArguments { get; init; } = [];

    /// <summary>More <c>key=value</c> for every gateway.</summary>
    public IReadOnlyList<string> GatewayArguments { get; init; } = [];
}
