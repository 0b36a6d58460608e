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

    /// <summary>Gets or sets the handler of recoveries.</summary>
    public Func<RecoverRequest[], Task<RecoverAnswer[]?>> OnRecover { get; set; } = static _ => Task.FromResult<RecoverAnswer[]?>(null);

    /// <summary>Gets or sets the handler of reads.</summary>
    public Func<FetchRequest, Task<TailPage>> OnRead { get; set; } = static _ => Task.FromResult(TailPage.NotReady);

    /// <summary>Gets or sets the handler of installs.</summary>
    public Func<KeepRequest[], Task<bool>> OnKeep { get; set; } = static _ => Task.FromResult(true);

    public Task<RecoverAnswer[]?> RecoverAsync(RecoverRequest[] requests) => OnRecover(requests);

    public Task<TailPage> ReadKeptAsync(FetchRequest request) => OnRead(request);

    public Task<bool> KeepAsync(KeepRequest[] requests) => OnKeep(requests);

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
