using System.Text.Json;
using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Microsoft.AspNetCore.Http;

namespace Direct.Edge.Signals;

/// <summary>Represents the answer to one signal: a receipt or a problem.</summary>
/// <param name="Id">The signal's id: the backend's, or a generated one.</param>
/// <param name="Receipt">The counts, as far as they are known.</param>
/// <param name="Problem">Why the signal was not sent, or not by every gateway; null if no gateway refused it.</param>
/// <param name="PendingGateways">The gateways that have not acknowledged; null if all have.</param>
internal readonly record struct SignalOutcome(string Id, Receipt Receipt, Problem? Problem, IReadOnlyList<string>? PendingGateways = null)
{
    /// <summary>Gets whether the counts are known. A problem without counts leaves open how many connections received the signal.</summary>
    public bool HasCounts => Problem is null || Receipt.Status is ReceiptStatus.IdReused or ReceiptStatus.IdsExhausted;

    public int Status => Problem?.Status ?? (PendingGateways is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
}

/// <summary>Writes the answers to signals.</summary>
internal static class SignalAnswer
{
    public static Task WriteAsync(HttpContext context, SignalOutcome outcome) => outcome.Problem is { } problem
        ? BackendAnswer.WriteAsync(context, problem, writer => WriteCounts(writer, outcome))
        : BackendAnswer.WriteJsonAsync(context, outcome.Status, "application/json", writer => WriteReceipt(writer, outcome, withStatus: false));

    public static Task WriteAsync(HttpContext context, IReadOnlyList<SignalOutcome> outcomes) =>
        BackendAnswer.WriteJsonAsync(context, StatusCodes.Status200OK, "application/json", writer =>
        {
            writer.WriteStartArray();
            foreach (var outcome in outcomes)
            {
                if (outcome.Problem is { } problem)
                {
                    BackendAnswer.WriteProblem(writer, problem, writer => WriteCounts(writer, outcome));
                }
                else
                {
                    WriteReceipt(writer, outcome, withStatus: true);
                }
            }

            writer.WriteEndArray();
        });

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

    private static void WriteCounts(Utf8JsonWriter writer, SignalOutcome outcome)
    {
        writer.WriteString("id"u8, outcome.Id);
        if (!outcome.HasCounts)
        {
            return;
        }

        writer.WriteNumber("delivered"u8, outcome.Receipt.Delivered);
        writer.WriteNumber("gateways"u8, outcome.Receipt.Gateways);
        if (outcome.Receipt.IsKept)
        {
            writer.WriteBoolean("kept"u8, true);
        }

        if (outcome.PendingGateways is { } pending)
        {
            BackendAnswer.WriteNames(writer, "pending"u8, pending);
        }
    }
}
