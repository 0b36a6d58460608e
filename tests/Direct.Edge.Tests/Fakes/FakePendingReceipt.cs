using Direct.Edge.Backplane;

namespace Direct.Edge.Tests.Fakes;

/// <summary>Implements a receipt that comes when the test says so.</summary>
internal sealed class FakePendingReceipt(Receipt soFar, params string[] pendingGateways) : PendingReceipt
{
    private readonly TaskCompletionSource<Receipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets when it has its place; at once, unless the test says otherwise.</summary>
    public Task WhenAccepted { get; init; } = Task.CompletedTask;

    public override Task Accepted => WhenAccepted;

    public override Task<Receipt> Completion => _completion.Task;

    public void Complete(Receipt receipt) => _completion.SetResult(receipt);

    /// <summary>Gets how often the publisher has given it up.</summary>
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
