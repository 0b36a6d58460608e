using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Description;

/// <summary>
/// Serves the OpenAPI description of everything that a node answers. The description is written by hand, and tests compare it with the node.
/// </summary>
internal sealed class ApiDescription
{
    private readonly byte[] _json = Read();

    /// <summary>Answers every caller, like the health checks, because the description contains nothing about this node.</summary>
    public Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        response.ContentType = "application/json";
        response.ContentLength = _json.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.BodyWriter.WriteAsync(_json).AsTask();
    }

    private static byte[] Read()
    {
        using var stream = typeof(ApiDescription).Assembly.GetManifestResourceStream("openapi.json")
            ?? throw new InvalidOperationException("The description is not in the assembly.");
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }
}
