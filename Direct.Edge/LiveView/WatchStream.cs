using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.LiveView;

/// <summary>Writes events as HTML's server-sent events: <c>event:</c> with the name, <c>data:</c> with a JSON object, and an empty line.</summary>
internal sealed class WatchStream
{
    private readonly HttpResponse _response;

    public WatchStream(HttpContext context)
    {
        _response = context.Response;
        _response.ContentType = "text/event-stream";
        _response.Headers.CacheControl = "no-store";
        _response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
    }

    /// <summary>Writes events, or a comment if there are none: a caller that is gone is noticed only by writing.</summary>
    public async Task WriteAsync(IReadOnlyCollection<WatchEvent> events)
    {
        var text = new MemoryStream();
        foreach (var (name, writeData) in events)
        {
            text.Write(Encoding.UTF8.GetBytes($"event: {name}\ndata: "));
            using (var writer = new Utf8JsonWriter(text))
            {
                writer.WriteStartObject();
                writeData(writer);
                writer.WriteEndObject();
            }

            text.Write("\n\n"u8);
        }

        if (events.Count == 0)
        {
            text.Write(": nothing new\n\n"u8);
        }

        await _response.Body.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), _response.HttpContext.RequestAborted);
        await _response.Body.FlushAsync(_response.HttpContext.RequestAborted);
    }
}
