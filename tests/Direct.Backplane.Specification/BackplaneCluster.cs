namespace Direct.Backplane.Specification;

/// <summary>Gateways that reach each other by the backplane under test.</summary>
public abstract class BackplaneCluster : IAsyncDisposable
{
    /// <summary>As many as <see cref="BackplaneSpecification.GatewayCount"/>, connected and ready.</summary>
    public abstract IReadOnlyList<BackplaneGateway> Gateways { get; }

    public abstract ValueTask DisposeAsync();
}
