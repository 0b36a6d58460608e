using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Direct.Edge.Backplane;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Signals;

/// <summary>What one signal came to: a receipt or a problem.</summary>
/// <param name="Id">The signal's id: the backend's, or the one we made.</param>
/// <param name="Receipt">Its counts, as far as they are known.</param>
/// <param name="Problem">Why it was not sent, or not by every gateway; null when nobody refused it.</param>
/// <param name="PendingGateways">Gateways that have not acknowledged yet, or null when all have.</param>
internal readonly record struct SignalOutcome(string Id, Receipt Receipt, Problem? Problem, IReadOnlyList<string>? PendingGateways = null)
{
    /// <summary>Whether gateways have said how many connections took it; else a problem says nothing about that.</summary>
    public bool HasCounts => Problem is null || Receipt.Status is ReceiptStatus.IdReused or ReceiptStatus.IdsExhausted;

    public int Status => Problem?.Status ?? (PendingGateways is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
}

/// <summary>Writes what a backend is told.</summary>
internal static class SignalAnswer
{
    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true };

    public static Task WriteAsync(HttpContext context, SignalOutcome outcome) => outcome.Problem is { } problem
        ? WriteAsync(context, problem, outcome)
        : WriteJsonAsync(context, outcome.Status, "application/json", writer => WriteReceipt(writer, outcome, withStatus: false));

    public static Task WriteAsync(HttpContext context, IReadOnlyList<SignalOutcome> outcomes) =>
        WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
        {
            writer.WriteStartArray();
            foreach (var outcome in outcomes)
            {
                if (outcome.Problem is { } problem)
                {
                    WriteProblem(writer, problem, outcome);
                }
                else
                {
                    WriteReceipt(writer, outcome, withStatus: true);
                }
            }

            writer.WriteEndArray();
        });

    public static Task WriteAsync(HttpContext context, Problem problem, SignalOutcome? outcome = null)
    {
        if (problem.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (problem.Status is StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return WriteJsonAsync(context, problem.Status, "application/problem+json", writer => WriteProblem(writer, problem, outcome));
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

    private static void WriteReceipt(Utf8JsonWriter writer, SignalOutcome outcome, bool withStatus)
    {
        writer.WriteStartObject();
        WriteCounts(writer, outcome);
        if (withStatus)
        {
            writer.WriteNumber("status"u8, outcome.Status);
        }

        writer.WriteEndObject();
    }

    private static void WriteProblem(Utf8JsonWriter writer, Problem problem, SignalOutcome? outcome)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "about:blank"u8);
        writer.WriteString("title"u8, problem.Title);
        writer.WriteNumber("status"u8, problem.Status);
        writer.WriteString("detail"u8, problem.Detail);
        if (outcome is { } known)
        {
            WriteCounts(writer, known);
        }

        writer.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter writer, SignalOutcome outcome)
    {
        writer.WriteString("id"u8, outcome.Id);
        if (!outcome.HasCounts)
        {
            return;
        }

        writer.WriteNumber("delivered"u8, outcome.Receipt.Delivered);
        writer.WriteNumber("gateways"u8, outcome.Receipt.Gateways);
        if (outcome.PendingGateways is { } pending)
        {
            WriteNames(writer, "pending"u8, pending);
        }
    }

    /// <summary>Writes a whole answer.</summary>
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
}
