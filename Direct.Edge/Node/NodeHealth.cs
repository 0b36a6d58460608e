using Direct.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Direct.Edge.Node;

/// <summary>Answers the questions of load balancers and orchestrators.</summary>
internal sealed class NodeHealth(NodeGate gate, IHostApplicationLifetime lifetime)
{
    private volatile bool _isDraining;

    /// <summary>Whether the node is on its way down.</summary>
    public bool IsDraining => _isDraining;

    public void StartDraining() => _isDraining = true;

    /// <summary><c>/readyz</c>: 200 while new connections are welcome.</summary>
    public Task ReadyAsync(HttpContext context) => (_isDraining, gate.IsOpen) switch
    {
        (true, _) => HealthAnswer.NotReadyAsync(context, "draining"),
        _ when !lifetime.ApplicationStarted.IsCancellationRequested => HealthAnswer.NotReadyAsync(context, "starting"),
        (_, false) => HealthAnswer.NotReadyAsync(context, gate.NotReadyReason is { } obstacle ? $"not connected to the cluster: {obstacle}" : "not connected to the cluster"),
        _ when gate.UnreachableReason is { } reason => HealthAnswer.NotReadyAsync(context, reason),
        _ => HealthAnswer.ReadyAsync(context, gate.DegradedReason is { } lacking ? $"degraded: {lacking}" : "ready"),
    };
}
