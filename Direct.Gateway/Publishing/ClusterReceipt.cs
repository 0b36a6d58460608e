using Direct.Edge.Backplane;
using Direct.Grains.Topics;

namespace Direct.Gateway.Publishing;

/// <summary>The receipt of one signal, as its acknowledgements come in.</summary>
internal sealed class ClusterReceipt : PendingReceipt
{
    private readonly TaskCompletionSource<Receipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Known _known = new(default, []);

    public override Task<Receipt> Completion => _completion.Task;

    public override Task Accepted => _accepted.Task;

    /// <summary>Gets whether its publisher has been told that it got no place.</summary>
    public bool IsGivenUp => _accepted.Task is { IsCompletedSuccessfully: true, Result: false };

    public override Receipt SoFar(out IReadOnlyList<string> pendingGateways)
    {
        var known = _known;
        pendingGateways = known.Pending;
        return known.Receipt;
    }

    /// <summary>It has its place; this much is known of it.</summary>
    public void Accept(SignalReceipt receipt, IReadOnlyList<string> pending)
    {
        _known = new Known(receipt.ToReceipt(), pending);
        if (pending.Count == 0)
        {
            _completion.TrySetResult(_known.Receipt);
        }

        // Last: whoever waits for the place looks at once whether the receipt is there too.
        _accepted.TrySetResult(true);
    }

    public override bool TryGiveUp()
    {
        if (!_accepted.TrySetResult(false))
        {
            return false;
        }

        // Unless the receipt has come between the two: then that is the truth.
        _completion.TrySetResult(new Receipt(ReceiptStatus.NotAccepted, 0, 0));
        return true;
    }

    private sealed record Known(Receipt Receipt, IReadOnlyList<string> Pending);
}
