using Direct.Edge.Backplane;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>The receipt of one signal, as its acknowledgements come in.</summary>
internal sealed class ClusterReceipt : PendingReceipt
{
    private readonly TaskCompletionSource<Receipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _placed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Known _known = new(default, []);

    public override Task<Receipt> Completion => _completion.Task;

    public override Task Placed => _placed.Task;

    public override Receipt SoFar(out IReadOnlyList<string> pendingGateways)
    {
        var known = _known;
        pendingGateways = known.Pending;
        return known.Receipt;
    }

    /// <summary>It has its place; this much is known of it.</summary>
    public void Place(SignalReceipt receipt, IReadOnlyList<string> pending)
    {
        _known = new Known(receipt.ToReceipt(), pending);
        if (pending.Count == 0)
        {
            _completion.TrySetResult(_known.Receipt);
        }

        // Last: whoever waits for the place looks at once whether the receipt is there too.
        _placed.TrySetResult();
    }

    /// <summary>It got no place in time.</summary>
    public void GiveUp()
    {
        _completion.TrySetResult(new Receipt(ReceiptStatus.NotPlaced, 0, 0));
        _placed.TrySetResult();
    }

    private sealed record Known(Receipt Receipt, IReadOnlyList<string> Pending);
}
