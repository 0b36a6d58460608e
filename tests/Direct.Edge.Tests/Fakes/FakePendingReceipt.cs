using Direct.Edge.Backplane;

namespace Direct.Edge.Tests.Fakes;

/// <summary>A receipt that comes when the test says so.</summary>
internal sealed class FakePendingReceipt(Receipt soFar, params string[] pendingGateways) : PendingReceipt
{
    private readonly TaskCompletionSource<Receipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When it has its place; at once, unless the test says otherwise.</summary>
    public Task WhenPlaced { get; init; } = Task.CompletedTask;

    public override Task Placed => WhenPlaced;

    public override Task<Receipt> Completion => _completion.Task;

    public void Complete(Receipt receipt) => _completion.SetResult(receipt);

    public override Receipt SoFar(out IReadOnlyList<string> pending)
    {
        pending = pendingGateways;
        return soFar;
    }
}
