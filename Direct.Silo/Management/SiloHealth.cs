using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Direct.Silo.Management;

/// <summary>Answers the questions of orchestrators.</summary>
internal sealed class SiloHealth(IClusterMembershipService membership, ILocalSiloDetails local, IHostApplicationLifetime lifetime)
{
    /// <summary><c>/livez</c>: 200 as long as the process can answer at all.</summary>
    public static Task LiveAsync(HttpContext context) => AnswerAsync(context, StatusCodes.Status200OK, "live");

    /// <summary><c>/readyz</c>: 200 while this silo is an active member of its cluster, as far as it knows, and is to stay one.</summary>
    public Task ReadyAsync(HttpContext context)
    {
        var word = Obstacle();
        return AnswerAsync(context, word is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, word ?? "ready");
    }

    private string? Obstacle() => Status() switch
    {
        _ when lifetime.ApplicationStopping.IsCancellationRequested => "stopping",
        SiloStatus.Active => lifetime.ApplicationStarted.IsCancellationRequested ? null : "starting",
        SiloStatus.ShuttingDown or SiloStatus.Stopping => "stopping",
        SiloStatus.Dead => "the cluster has given this silo up",
        _ => "joining the cluster",
    };

    private SiloStatus Status() =>
        membership.CurrentSnapshot.Members.TryGetValue(local.SiloAddress, out var member) ? member.Status : SiloStatus.None;

    private static Task AnswerAsync(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(word + "\n");
    }
}
