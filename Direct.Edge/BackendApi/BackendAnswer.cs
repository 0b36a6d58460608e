using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.BackendApi;

/// <summary>Writes the answers to backends.</summary>
internal static class BackendAnswer
{
    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true };

    /// <summary>Writes a problem, and then the members that <paramref name="writeMore"/> adds.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem, Action<Utf8JsonWriter>? writeMore = null)
    {
        if (problem.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status is StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteJsonAsync(context, problem.Status, "application/problem+json", writer => WriteProblem(writer, problem, writeMore));
    }

    /// <summary>Writes a complete answer.</summary>
    public static async Task WriteJsonAsync(HttpContext context, int status, string contentType, Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(body, WriterOptions))
        {
            write(writer);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory);
    }

    /// <summary>Writes a problem as a JSON object, as a part of an answer.</summary>
    public static void WriteProblem(Utf8JsonWriter writer, Problem problem, Action<Utf8JsonWriter>? writeMore)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "about:blank"u8);
        writer.WriteString("title"u8, problem.Title);
        writer.WriteNumber("status"u8, problem.Status);
        writer.WriteString("detail"u8, problem.Detail);
        writeMore?.Invoke(writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes names of gateways.</summary>
    public static void WriteNames(Utf8JsonWriter writer, ReadOnlySpan<byte> property, IEnumerable<string> names)
    {
        writer.WriteStartArray(property);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }
}
