using System.Text.Json;

namespace Direct.Client;

/// <summary>Represents the fields of receipts and of problems (RFC 9457).</summary>
internal sealed record AnswerJson(
    int? Status = null, string? Id = null, int? Delivered = null, int? Gateways = null, IReadOnlyList<string>? Pending = null, bool? Kept = null, string? Detail = null)
{
    /// <summary>Returns the receipt that the fields are. Throws <see cref="JsonException"/> if they are something else.</summary>
    /// <param name="status">The status that applies if the answer has none of its own.</param>
    /// <param name="id">The id that was sent.</param>
    public SignalReceipt ToReceipt(int status, string id)
    {
        var receipt = new SignalReceipt
        {
            Status = Status ?? status,
            Id = Id ?? id,
            Delivered = Delivered ?? 0,
            Gateways = Gateways ?? 0,
            Pending = Pending ?? [],
            Kept = Kept,
            Detail = Detail,
        };
        return receipt.IsAccepted && (Delivered is null || Id is null) ? throw new JsonException("The answer is not a receipt: it has no id or no count of deliveries.") : receipt;
    }
}
