using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Direct.Edge.Signals;

/// <summary>The body of a backend's call.</summary>
internal static class RequestBody
{
    /// <summary>Whether it is <paramref name="mediaType"/> by its <c>Content-Type</c>, with any parameters.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads it to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">More is refused, where possible before it is read.</param>
    /// <param name="setting">Which setting that limit is.</param>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(HttpContext context, int maxBytes, string setting)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null; // ours is the smaller one, and its refusal says which setting it is
        }

        var tooLarge = Problem.TooLarge($"The body has more than {maxBytes} bytes ({setting}).");
        if (context.Request.ContentLength > maxBytes)
        {
            return (default, tooLarge); // without waiting for what is not wanted
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            var buffer = result.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return (default, tooLarge);
            }

            if (result.IsCompleted)
            {
                var body = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return (body, null);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
