using Direct.Grains.Gateways;
using Direct.Grains.Topics;

namespace Direct.Grains.Tests.Fakes;

/// <summary>Implements one stripe of a gateway: every call waits until the test completes it.</summary>
internal sealed class FakeObserver : IGatewayObserver
{
    private readonly Lock _gate = new();
    private readonly List<SignalBatch[]> _calls = [];
    private readonly Queue<TaskCompletionSource<GatewayAnswer[]?>> _underWay = new();

    /// <summary>Gets the batches of every recorded call.</summary>
    public IReadOnlyList<SignalBatch[]> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public int CallsUnderWay
    {
        get
        {
            lock (_gate)
            {
                return _underWay.Count;
            }
        }
    }

    public Task<GatewayAnswer[]?> DeliverAsync(SignalBatch[] batches)
    {
        lock (_gate)
        {
            _calls.Add(batches);
            var call = new TaskCompletionSource<GatewayAnswer[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _underWay.Enqueue(call);
            return call.Task;
        }
    }

    /// <summary>Gets or sets the handler of queries.</summary>
    public Func<ConnectionQuery, Task<ConnectionResponse?>> OnQuery { get; set; } = static _ => Task.FromResult<ConnectionResponse?>(null);

    public Task<ConnectionResponse?> QueryAsync(ConnectionQuery query) => OnQuery(query);

    /// <summary>Completes the call under way with one response per signal. Its connection count is the signal's sequence.</summary>
    public void Answer()
    {
        lock (_gate)
        {
            _underWay.Dequeue().SetResult([.. _calls[^1].SelectMany(batch => batch.Signals)
                .Select(signal => new GatewayAnswer(DeliveryStatus.Delivered, (int)signal.Sequence, IsWanted: true, 1))]);
        }
    }

    /// <summary>Completes the call under way with the given responses.</summary>
    public void AnswerWith(GatewayAnswer[]? answers)
    {
        lock (_gate)
        {
            _underWay.Dequeue().SetResult(answers);
        }
    }

    public void Fail()
    {
        lock (_gate)
        {
            _underWay.Dequeue().SetException(new TimeoutException("as the test says"));
        }
    }
}
