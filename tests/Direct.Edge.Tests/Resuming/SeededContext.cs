namespace Direct.Edge.Tests.Resuming;

/// <summary>Holds the continuations of one thread, and runs them in an order that follows from a seed.</summary>
internal sealed class SeededContext(Random random) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _waiting = [];

    /// <summary>Runs one continuation. Returns false if there is none.</summary>
    public bool TryRunOne()
    {
        (SendOrPostCallback Callback, object? State) next;
        lock (_waiting)
        {
            if (_waiting.Count == 0)
            {
                return false;
            }

            var index = random.Next(_waiting.Count);
            next = _waiting[index];
            _waiting.RemoveAt(index);
        }

        next.Callback(next.State);
        return true;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_waiting)
        {
            _waiting.Add((d, state));
        }
    }
}
