using Direct.Gateway.Cluster;

namespace Direct.Model.Tests.Processes;

/// <summary>Represents the lease of a gateway, as the registry knows it.</summary>
/// <param name="Id">Its id in the cluster.</param>
/// <param name="Gateway">The gateway.</param>
/// <param name="Observer">What silos call.</param>
internal sealed record Lease(Guid Id, ModelGateway Gateway, GatewayObserver Observer)
{
    /// <summary>Gets or sets when the registry ends it.</summary>
    public long EndsAt { get; set; }
}
