using Direct.Edge.Node;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a fence whose close operations last until the test completes them.</summary>
internal sealed class FakeFence(NodeGate gate) : INodeFence
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task Closed { get; set; } = Task.CompletedTask;

    public Task CloseAllAsync()
    {
        gate.Shut();
        Interlocked.Increment(ref _calls);
        return Task.WhenAny(Closed, _ended.Task);
    }

    /// <summary>Completes every close operation, so that its callers can stop.</summary>
    public void End() => _ended.TrySetResult();
}
