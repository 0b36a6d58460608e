namespace Direct.Backplane.Specification;

/// <summary>Represents gateways that reach each other by the backplane under test.</summary>
public abstract class BackplaneCluster : IAsyncDisposable
{
    /// <summary>Gets the gateways, as many as <see cref="BackplaneSpecification.GatewayCount"/>, connected and ready.</summary>
    public abstract IReadOnlyList<BackplaneGateway> Gateways { get; }

    public abstract ValueTask DisposeAsync();
}
