using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Signals;

/// <summary>Publishes a backend's signal and waits for its receipt.</summary>
internal sealed class SignalPublisher(IBackplane backplane, IOptions<SignalOptions> options, TimeProvider timeProvider)
{
    private readonly SignalOptions _options = options.Value;

    /// <summary>Completes when the signal has a place in the order of its topic, or is refused one. The inner task has the answer.</summary>
    /// <param name="request">The signal.</param>
    /// <param name="arrivedAt">When the request came, which all its signals together count their time from.</param>
    /// <param name="traceParent">See <see cref="Signal.TraceParent"/>.</param>
    public async ValueTask<Task<SignalOutcome>> PlaceAsync(SignalRequest request, long arrivedAt, string? traceParent = null)
    {
        var topic = Topic.For(request.Target);
        if (!await TryWaitForRoomAsync(topic, arrivedAt))
        {
            return Task.FromResult(new SignalOutcome(request.Id, default, Problem.Unavailable(
                $"Topic {topic} had no room within {_options.PlaceTimeout.TotalSeconds:0.#} s: more is sent to it than its connections can be given. Nothing was sent.")));
        }

        var signal = new Signal(topic, request.Target, request.Message, request.IsOwnId ? request.Id : null, TraceParent: traceParent);
        return AnswerAsync(request, backplane.Publish(signal), arrivedAt);
    }

    private async Task<SignalOutcome> AnswerAsync(SignalRequest request, Placement placement, long arrivedAt)
    {
        if (placement.Pending is { } pending && !await TryWaitForReceiptAsync(pending, arrivedAt))
        {
            var soFar = pending.SoFar(out var pendingGateways);
            return new SignalOutcome(request.Id, soFar, null, pendingGateways);
        }

        var receipt = placement.Pending is null ? placement.Receipt : await placement.Pending.Completion;
        return new SignalOutcome(request.Id, receipt, receipt.Status switch
        {
            ReceiptStatus.IdReused => Problem.Conflict(
                $"'id' {request.Id} was used for another part or message within the last {_options.RememberIdsFor.TotalSeconds:0} s. Nothing was sent."),
            ReceiptStatus.IdsExhausted => Problem.Unavailable(
                $"{_options.MaxRememberedIds} ids are remembered already (Direct:Signals:MaxRememberedIds), so a repeat of this one could not be told. Nothing was sent."),
            ReceiptStatus.NotPlaced => Problem.Unavailable(
                $"The cluster gave the signal no place within {_options.PlaceTimeout.TotalSeconds:0.#} s. Nothing is promised; repeat it with an id= and it is delivered once."),
            _ => null,
        });
    }

    private async ValueTask<bool> TryWaitForRoomAsync(Topic topic, long arrivedAt)
    {
        var ready = backplane.ReadyAsync(topic, CancellationToken.None);
        return ready.IsCompletedSuccessfully || await TryWaitAsync(ready.AsTask(), _options.PlaceTimeout - timeProvider.GetElapsedTime(arrivedAt));
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
