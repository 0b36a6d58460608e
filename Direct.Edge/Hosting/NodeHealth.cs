using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Direct.Edge.Hosting;

/// <summary>Answers the questions of load balancers and orchestrators.</summary>
internal sealed class NodeHealth(NodeGate gate, IHostApplicationLifetime lifetime)
{
    private volatile bool _isDraining;

    /// <summary>Whether the node is on its way down.</summary>
    public bool IsDraining => _isDraining;

    public void StartDraining() => _isDraining = true;

    /// <summary><c>/livez</c>: 200 as long as the process can answer at all.</summary>
    public static Task LiveAsync(HttpContext context) => AnswerAsync(context, StatusCodes.Status200OK, "live");

    /// <summary><c>/readyz</c>: 200 while new connections are welcome.</summary>
    public Task ReadyAsync(HttpContext context) => (_isDraining, gate.IsOpen) switch
    {
        (true, _) => AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "draining"),
        _ when !lifetime.ApplicationStarted.IsCancellationRequested => AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "starting"),
        (_, false) => AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, gate.Obstacle is { } obstacle ? $"not connected to the cluster: {obstacle}" : "not connected to the cluster"),
        _ => AnswerAsync(context, StatusCodes.Status200OK, gate.Lacking is { } lacking ? $"degraded: {lacking}" : "ready"),
    };

    private static Task AnswerAsync(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(word + "\n");
    }
}
