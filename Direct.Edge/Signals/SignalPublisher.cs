using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Memory;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Signals;

/// <summary>Publishes a backend's signal and waits for its receipt.</summary>
internal sealed class SignalPublisher(IBackplane backplane, IOptions<SignalOptions> options, QueueBudget queues, TimeProvider timeProvider)
{
    private readonly SignalOptions _options = options.Value;

    /// <summary>Completes when the signal has a place in the order of its topic, or is refused one. The inner task has the answer.</summary>
    /// <param name="request">The signal.</param>
    /// <param name="arrivedAt">When the request came, which all its signals together count their time from.</param>
    /// <param name="traceParent">See <see cref="Signal.TraceParent"/>.</param>
    public async ValueTask<Task<SignalOutcome>> PlaceAsync(SignalRequest request, long arrivedAt, string? traceParent = null)
    {
        var topic = Topic.For(request.Target);
        if (!await TryWaitForRoomAsync(topic, request.Message.Length, arrivedAt))
        {
            return Task.FromResult(new SignalOutcome(request.Id, default, Problem.Unavailable(
                $"Topic {topic} had no room within {_options.PlaceTimeout.TotalSeconds:0.#} s: more is sent to it than its connections can be given. Nothing was sent.")));
        }

        if (MemoryShortage.RefuseSignal(queues) is { } shortage)
        {
            return Task.FromResult(new SignalOutcome(request.Id, default, shortage));
        }

        var signal = new Signal(topic, request.Target, request.Message, request.IsOwnId ? request.Id : null, TraceParent: traceParent);
        return AnswerAsync(request, backplane.Publish(signal), arrivedAt);
    }

    private async Task<SignalOutcome> AnswerAsync(SignalRequest request, Placement placement, long arrivedAt)
    {
        if (placement.Pending is not { } pending)
        {
            return Outcome(request, placement.Receipt, []);
        }

        if (await TryWaitForReceiptAsync(pending, arrivedAt))
        {
            return Outcome(request, await pending.Completion, []);
        }

        // The last gateway may answer between the wait and this look: then nobody is pending, and the receipt is final.
        var soFar = pending.SoFar(out var pendingGateways);
        return Outcome(request, soFar, pendingGateways);
    }

    private SignalOutcome Outcome(SignalRequest request, Receipt receipt, IReadOnlyList<string> pendingGateways) => new(
        request.Id, receipt, Refusal.Of(request.Id, receipt, pendingGateways, _options), pendingGateways.Count == 0 ? null : pendingGateways);

    private async ValueTask<bool> TryWaitForRoomAsync(Topic topic, int bytes, long arrivedAt)
    {
        var ready = backplane.ReadyAsync(topic, CancellationToken.None);
        if (ready.IsCompletedSuccessfully)
        {
            return true;
        }

        queues.Requests.Add(bytes);
        var hasRoom = await TryWaitAsync(ready.AsTask(), _options.PlaceTimeout - timeProvider.GetElapsedTime(arrivedAt));
        queues.Requests.Add(-bytes);
        return hasRoom;
    }

    // Two waits: for the place until the request's time is up, whatever stands in its way; for the receipt only as long as an answer may take.
    private async Task<bool> TryWaitForReceiptAsync(PendingReceipt pending, long arrivedAt)
    {
        var startedAt = timeProvider.GetTimestamp();
        var hasPlace = await TryWaitAsync(pending.Placed, _options.PlaceTimeout - timeProvider.GetElapsedTime(arrivedAt)) || !pending.TryGiveUp();
        return pending.Completion.IsCompleted
            || (hasPlace && await TryWaitAsync(pending.Completion, _options.AnswerTimeout - timeProvider.GetElapsedTime(startedAt)));
    }

    // Not WaitAsync: it would throw a time-out that the task itself might have thrown too.
    private async Task<bool> TryWaitAsync(Task task, TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return task.IsCompleted;
        }

        using var cancellation = new CancellationTokenSource();
        var isDone = await Task.WhenAny(task, Task.Delay(timeout, timeProvider, cancellation.Token)) == task;
        await cancellation.CancelAsync();
        return isDone;
    }
}
