using Direct.Edge.Backplane;

namespace Direct.Edge.Signals;

/// <summary>
/// Says why a signal was not delivered, and what became of it all the same. Each gateway decides for itself whether it can take an id,
/// so some may refuse a signal that others have taken.
/// </summary>
internal static class Refusal
{
    /// <summary>The problem that a receipt stands for; null when no gateway has refused the signal.</summary>
    public static Problem? Of(string id, Receipt receipt, IReadOnlyList<string> pendingGateways, SignalOptions options) => receipt.Status switch
    {
        ReceiptStatus.IdReused => Problem.Conflict(
            $"'id' {id} was used for another part or message within the last {options.RememberIdsFor.TotalSeconds:0} s. {Fate(receipt, pendingGateways)}"),
        ReceiptStatus.IdsExhausted => Problem.NoRoomForId(
            $"No more ids can be remembered (Direct:Signals:MaxRememberedIds), so a repeat of this one could not be told. {Fate(receipt, pendingGateways)} "
            + "Repeat it with the same id, part and message: no connection gets it twice."),
        ReceiptStatus.NotPlaced => Problem.Unavailable(
            $"The cluster gave the signal no place within {options.PlaceTimeout.TotalSeconds:0.#} s. Nothing is promised; repeat it with an id= and it is delivered once."),
        _ => null,
    };

    private static string Fate(Receipt receipt, IReadOnlyList<string> pendingGateways)
    {
        var isPending = pendingGateways.Count > 0;
        var taken = receipt.Delivered > 0
            ? $"{Count(receipt.Delivered, "connection")} on {Count(receipt.Gateways, "gateway")} took it all the same; the gateways that refused it sent nothing."
            : $"No {(isPending ? "gateway that answered" : "live gateway")} has sent it to anybody.";
        return isPending ? $"{taken} {string.Join(", ", pendingGateways)} did not answer, and may send it yet." : taken;
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
