using System.Buffers;
using Direct.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Direct.Edge.BackendApi;

/// <summary>The body of a backend's call.</summary>
internal static class RequestBody
{
    /// <summary>Returns whether it is <paramref name="mediaType"/> by its <c>Content-Type</c>, with any parameters.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads it to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="maxBytes">More is refused, where possible before it is read.</param>
    /// <param name="setting">Which setting that limit is.</param>
    /// <param name="queues">Counts it until the answer has gone, and refuses it when there is no memory for it.</param>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, Problem? Problem)> ReadAsync(
        HttpContext context, int maxBytes, string setting, QueueBudget queues)
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

        var held = new Held(queues);
        context.Response.OnCompleted(static held => ((Held)held).ReleaseAsync(), held);
        if (!held.TryHold(context.Request.ContentLength ?? 0))
        {
            return (default, MemoryShortage.Refusal(queues)); // before it takes any
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

    /// <summary>The memory that a body needs: twice its length, since it is copied when it is complete, and parsed after that.</summary>
    private sealed class Held(QueueBudget queues)
    {
        private long _bytes;

        /// <summary>Counts so much of it. False when that is more than there is memory for.</summary>
        public bool TryHold(long bodyBytes)
        {
            var more = Math.Max(0, (2 * bodyBytes) - _bytes);
            if (more == 0)
            {
                return true; // there was room for it before
            }

            queues.Requests.Add(more);
            _bytes += more;
            if (queues.Pressure is not MemoryPressure.Exhausted)
            {
                return true;
            }

            Release(); // at once, or it would turn those away that are in already
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
