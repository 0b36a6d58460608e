using System.Text.Json;

namespace Direct.Testing.Processes;

/// <summary>Reads receipts and refusals.</summary>
public static class SignalReceiptReader
{
    public static async Task<SignalReceipt> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(response);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var receipt = new SignalReceipt(response.StatusCode, body) { ContentType = response.Content.Headers.ContentType?.ToString() };
        if (receipt.ContentType?.Contains("json", StringComparison.Ordinal) != true)
        {
            return receipt;
        }

        using var document = JsonDocument.Parse(body);
        return document.RootElement.ValueKind == JsonValueKind.Object ? Fill(receipt, document.RootElement) : receipt;
    }

    private static SignalReceipt Fill(SignalReceipt receipt, JsonElement json) => receipt with
    {
        Id = Text(json, "id"),
        Delivered = Number(json, "delivered"),
        Gateways = Number(json, "gateways"),
        Title = Text(json, "title"),
        Detail = Text(json, "detail"),
        Pending = json.TryGetProperty("pending", out var pending) ? [.. pending.EnumerateArray().Select(item => item.ToString())] : [],
    };

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static int? Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetInt32() : null;
}
