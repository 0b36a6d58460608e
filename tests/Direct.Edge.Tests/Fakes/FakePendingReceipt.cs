using Direct.Edge.Backplane;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a pending receipt that the test completes.</summary>
internal sealed class FakePendingReceipt(Receipt soFar, params string[] pendingGateways) : PendingReceipt
{
    private readonly TaskCompletionSource<Receipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the task that completes when the signal is accepted; completed by default.</summary>
    public Task WhenAccepted { get; init; } = Task.CompletedTask;

    public override Task Accepted => WhenAccepted;

    public override Task<Receipt> Completion => _completion.Task;

    public void Complete(Receipt receipt) => _completion.SetResult(receipt);

    /// <summary>Gets how often the publisher has given up the receipt.</summary>
    public int GivenUp { get; private set; }

    public override bool TryGiveUp()
    {
        if (WhenAccepted.IsCompleted)
        {
            return false;
        }

        GivenUp++;
        _completion.TrySetResult(new Receipt(ReceiptStatus.NotAccepted, 0, 0));
        return true;
    }

    public override Receipt SoFar(out IReadOnlyList<string> pending)
    {
        pending = pendingGateways;
        return soFar;
    }
}
