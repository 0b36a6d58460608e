using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Subscriptions;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Signals;

/// <summary>
/// Translates the result of a signal into the answer for the backend: why it was not delivered, and how many connections received it nevertheless.
/// Each gateway decides by itself whether it can accept an id, so some may refuse a signal that others have accepted.
/// </summary>
internal sealed class SignalOutcomes(IOptions<SignalOptions> options, IOptions<IdempotencyOptions> idempotency, QueueBudget queues)
{
    /// <summary>Translates the result of publishing into an answer.</summary>
    public SignalOutcome Of(SignalRequest request, SignalResult result) => new(
        request.Id, result.Receipt, ProblemOf(request, result), result.PendingGateways.Count == 0 ? null : result.PendingGateways);

    private Problem? ProblemOf(SignalRequest request, SignalResult result) => result.Status switch
    {
        SignalStatus.NoRoom => Problem.Unavailable(
            $"Topic {Topic.For(request.Target)} had no room within {options.Value.PublishTimeout.TotalSeconds:0.#} s: more is published to it than its connections can receive. Nothing was sent."),
        SignalStatus.MemoryShort => MemoryShortage.Refusal(queues),
        _ => ProblemOf(request.Id, result.Receipt, result.PendingGateways),
    };

    private Problem? ProblemOf(string id, Receipt receipt, IReadOnlyList<string> pendingGateways) => receipt.Status switch
    {
        ReceiptStatus.IdReused => Problem.Conflict(
            $"'id' {id} was used for another part or message within the last {idempotency.Value.IdempotencyWindow.TotalSeconds:0} s. {Fate(receipt, pendingGateways)}"),
        ReceiptStatus.IdsExhausted => Problem.NoRoomForId(
            $"No more ids can be remembered (Direct:Signals:MaxRememberedIds), so a repeat of this one could not be recognised. {Fate(receipt, pendingGateways)} "
            + "Repeat it with the same id, part and message: no connection gets it twice."),
        ReceiptStatus.NotAccepted => Problem.Unavailable(
            $"The cluster did not accept the signal within {options.Value.PublishTimeout.TotalSeconds:0.#} s. Nothing is promised; repeat it with an id= and it is delivered once."),
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
