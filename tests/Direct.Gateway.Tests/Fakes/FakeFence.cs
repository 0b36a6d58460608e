using Direct.Edge.Node;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Closes nothing, and is done when the test says so; at once by default.</summary>
internal sealed class FakeFence(NodeGate gate) : INodeFence
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task Closed { get; set; } = Task.CompletedTask;

    public Task CloseAllAsync()
    {
        gate.Shut();
        Interlocked.Increment(ref _calls);
        return Closed;
    }
}
