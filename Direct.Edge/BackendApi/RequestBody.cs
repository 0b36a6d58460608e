using System.Buffers;
using Direct.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Direct.Edge.BackendApi;

/// <summary>Reads the body of a backend's call.</summary>
internal static class RequestBody
{
    /// <summary>Returns whether the <c>Content-Type</c> of the request is <paramref name="mediaType"/>, with any parameters.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the body to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">The size limit. A larger body is refused, before it is read if its length is known.</param>
    /// <param name="setting">The name of the setting that limits the size.</param>
    /// <param name="queues">The budget that the body counts for until the answer is sent. The body is refused if there is no memory for it.</param>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(
        HttpContext context, int maxBytes, string setting, QueueBudget queues)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null; // the limit of this method is smaller, and its refusal names the setting
        }

        var tooLarge = Problem.TooLarge($"The body has more than {maxBytes} bytes ({setting}).");
        if (context.Request.ContentLength > maxBytes)
        {
            return (default, tooLarge); // without reading a body that is refused
        }

        var held = new Held(queues);
        context.Response.OnCompleted(static held => ((Held)held).ReleaseAsync(), held);
        if (!held.TryHold(context.Request.ContentLength ?? 0))
        {
            return (default, MemoryShortage.Refusal(queues)); // before the body takes any memory
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

            if (!held.TryHold(buffer.Length))
            {
                reader.AdvanceTo(buffer.End);
                return (default, MemoryShortage.Refusal(queues));
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

    /// <summary>Holds the memory for a body: twice its length, because it is copied when it is complete and parsed afterwards.</summary>
    private sealed class Held(QueueBudget queues)
    {
        private long _bytes;

        /// <summary>Reserves memory for so many bytes of the body. Returns false if there is not enough.</summary>
        public bool TryHold(long bodyBytes)
        {
            var more = Math.Max(0, (2 * bodyBytes) - _bytes);
            if (more == 0)
            {
                return true; // the memory is reserved already
            }

            queues.Requests.Add(more);
            _bytes += more;
            if (queues.Pressure is not MemoryPressure.Exhausted)
            {
                return true;
            }

            Release(); // at once, because the reservation would refuse bodies that are accepted already
            return false;
        }

        public Task ReleaseAsync()
        {
            Release();
            return Task.CompletedTask;
        }

        private void Release()
        {
            queues.Requests.Add(-_bytes);
            _bytes = 0;
        }
    }
}
