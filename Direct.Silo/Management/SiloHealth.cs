using Direct.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Direct.Silo.Management;

/// <summary>Reports to orchestrators whether this silo is a member of its cluster.</summary>
internal sealed class SiloHealth(IClusterMembershipService membership, ILocalSiloDetails local, IHostApplicationLifetime lifetime)
{
    /// <summary>Answers <c>/readyz</c>: 200 while this silo is an active member of its cluster, as far as it knows, and is not stopping.</summary>
    public Task ReadyAsync(HttpContext context) =>
        NotReadyReason() is { } reason ? HealthAnswer.NotReadyAsync(context, reason) : HealthAnswer.ReadyAsync(context);

    private string? NotReadyReason() => Status() switch
    {
        _ when lifetime.ApplicationStopping.IsCancellationRequested => "stopping",
        SiloStatus.Active => lifetime.ApplicationStarted.IsCancellationRequested ? null : "starting",
        SiloStatus.ShuttingDown or SiloStatus.Stopping => "stopping",
        SiloStatus.Dead => "the cluster has given this silo up",
        _ => "joining the cluster",
    };

    private SiloStatus Status() =>
        membership.CurrentSnapshot.Members.TryGetValue(local.SiloAddress, out var member) ? member.Status : SiloStatus.None;
}
