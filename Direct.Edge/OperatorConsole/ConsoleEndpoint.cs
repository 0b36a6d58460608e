using Microsoft.AspNetCore.Http;

namespace Direct.Edge.OperatorConsole;

/// <summary>
/// Serves the console page. The page has no data in it, so no key is needed for it; each of its calls for data needs what every call of a
/// backend needs.
/// </summary>
internal sealed class ConsoleEndpoint(ConsolePage page)
{
    /// <summary>The path of the page.</summary>
    public const string Path = "/!direct-console";

    public Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Html.Length;
        response.Headers.ContentSecurityPolicy = page.PolicyFor(request.Host);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Referrer-Policy"] = "same-origin"; // by which a gateway knows the calls of its own page
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.BodyWriter.WriteAsync(page.Html).AsTask();
    }
}
