namespace Direct.Backplane.Specification;

/// <summary>Represents gateways that are connected by the backplane under test.</summary>
public abstract class BackplaneCluster : IAsyncDisposable
{
    /// <summary>Gets the connected gateways, as many as <see cref="BackplaneSpecification.GatewayCount"/>.</summary>
    public abstract IReadOnlyList<BackplaneGateway> Gateways { get; }

    public abstract ValueTask DisposeAsync();
}
