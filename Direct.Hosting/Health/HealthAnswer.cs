using Microsoft.AspNetCore.Http;

namespace Direct.Health;

/// <summary>Answers load balancers and orchestrators with a line of text.</summary>
internal static class HealthAnswer
{
    /// <summary>Answers <c>/livez</c>: 200 as long as the process can answer.</summary>
    public static Task LiveAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, "live");

    /// <summary>Answers <c>/readyz</c>: 200 with <paramref name="word"/>.</summary>
    public static Task ReadyAsync(HttpContext context, string word = "ready") => WriteAsync(context, StatusCodes.Status200OK, word);

    /// <summary>Answers <c>/readyz</c>: 503 with the reason.</summary>
    public static Task NotReadyAsync(HttpContext context, string reason) => WriteAsync(context, StatusCodes.Status503ServiceUnavailable, reason);

    private static Task WriteAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(line + "\n");
    }
}
