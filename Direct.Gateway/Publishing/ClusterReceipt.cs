using Direct.Edge.Backplane;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>Collects the receipt of one signal while its acknowledgements arrive.</summary>
internal sealed class ClusterReceipt : PendingReceipt
{
    private readonly TaskCompletionSource<Receipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Known _known = new(default, []);

    public override Task<Receipt> Completion => _completion.Task;

    public override Task Accepted => _accepted.Task;

    /// <summary>Gets whether the publisher has been told that the signal was not accepted.</summary>
    public bool IsGivenUp => _accepted.Task is { IsCompletedSuccessfully: true, Result: false };

    public override Receipt SoFar(out IReadOnlyList<string> pendingGateways)
    {
        var known = _known;
        pendingGateways = known.Pending;
        return known.Receipt;
    }

    /// <summary>Records that the signal is accepted, with the receipts that are known.</summary>
    public void Accept(SignalReceipt receipt, IReadOnlyList<string> pending)
    {
        _known = new Known(receipt.ToReceipt(), pending);
        if (pending.Count == 0)
        {
            _completion.TrySetResult(_known.Receipt);
        }

        // Last, because a publisher that waits for it checks at once whether the receipt is complete.
        _accepted.TrySetResult(true);
    }

    public override bool TryGiveUp()
    {
        if (!_accepted.TrySetResult(false))
        {
            return false;
        }

        // Has no effect if the receipt was completed in between; then that one counts.
        _completion.TrySetResult(new Receipt(ReceiptStatus.NotAccepted, 0, 0));
        return true;
    }

    private sealed record Known(Receipt Receipt, IReadOnlyList<string> Pending);
}
