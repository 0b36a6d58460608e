using System.Collections.Concurrent;
using Direct.Edge.Node;

namespace Direct.Gateway.Tests.Fakes;

/// <summary>Implements a fence whose close operations last until the test completes them.</summary>
internal sealed class FakeFence(NodeGate gate) : INodeFence
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task Closed { get; set; } = Task.CompletedTask;

    /// <summary>Gets whether the gate was open when each lease began.</summary>
    public ConcurrentQueue<bool> Leases { get; } = new();

    public void BeginLease() => Leases.Enqueue(gate.IsOpen);

    public Task CloseAllAsync()
    {
        gate.Shut();
        Interlocked.Increment(ref _calls);
        return Task.WhenAny(Closed, _ended.Task);
    }

    /// <summary>Completes every close operation, so that its callers can stop.</summary>
    public void End() => _ended.TrySetResult();
}
