using Direct.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Direct.Edge.Node;

/// <summary>Answers the health checks of load balancers and orchestrators.</summary>
internal sealed class NodeHealth(NodeGate gate, IHostApplicationLifetime lifetime)
{
    private volatile bool _isDraining;

    /// <summary>Gets whether the node is being stopped.</summary>
    public bool IsDraining => _isDraining;

    public void StartDraining() => _isDraining = true;

    /// <summary>Answers <c>/readyz</c>: 200 while the node admits connections.</summary>
    public Task ReadyAsync(HttpContext context) => (_isDraining, gate.IsOpen) switch
    {
        (true, _) => HealthAnswer.NotReadyAsync(context, "draining"),
        _ when !lifetime.ApplicationStarted.IsCancellationRequested => HealthAnswer.NotReadyAsync(context, "starting"),
        (_, false) => HealthAnswer.NotReadyAsync(context, gate.NotReadyReason is { } reason ? $"not connected to the cluster: {reason}" : "not connected to the cluster"),
        _ when gate.UnreachableReason is { } reason => HealthAnswer.NotReadyAsync(context, reason),
        _ => HealthAnswer.ReadyAsync(context, gate.DegradedReason is { } lacking ? $"degraded: {lacking}" : "ready"),
    };
}
