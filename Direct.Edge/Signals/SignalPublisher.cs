using Direct.Edge.BackendApi;
using Direct.Edge.Backplane;
using Direct.Edge.Topics;
using Direct.Memory;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Edge.Signals;

/// <summary>Publishes a backend's signal and waits for its receipt.</summary>
internal sealed class SignalPublisher(IBackplane backplane, IOptions<SignalOptions> options, QueueBudget queues, TimeProvider timeProvider)
{
    private readonly SignalOptions _options = options.Value;

    /// <summary>
    /// Completes when the backplane has the signal, so that the next one of the same topic comes after it, or when the signal is refused.
    /// </summary>
    /// <param name="request">The signal.</param>
    /// <param name="arrivedAt">The arrival of the request, from which the time of all its signals is counted.</param>
    /// <param name="traceParent">See <see cref="Signal.TraceParent"/>.</param>
    public async ValueTask<PublishedSignal> PublishAsync(SignalRequest request, long arrivedAt, string? traceParent = null)
    {
        var topic = Topic.For(request.Target);
        if (!await TryWaitForRoomAsync(topic, request.Message.Length, arrivedAt))
        {
            return NotPublished(SignalStatus.NoRoom);
        }

        // The request is accepted already, so it may use the reserve.
        if (queues.IsUsedUp)
        {
            return NotPublished(SignalStatus.MemoryShort);
        }

        var signal = new Signal(topic, request.Target, request.Message, request.IsOwnId ? request.Id : null, TraceParent: traceParent);
        return new PublishedSignal(CompleteAsync(backplane.Publish(signal), arrivedAt));
    }

    private static PublishedSignal NotPublished(SignalStatus status) => new(Task.FromResult(new SignalResult(status, default, [])));

    private async Task<SignalResult> CompleteAsync(PublishResult placement, long arrivedAt)
    {
        if (placement.Pending is not { } pending)
        {
            return new SignalResult(SignalStatus.Published, placement.Receipt, []);
        }

        if (await TryWaitForReceiptAsync(pending, arrivedAt))
        {
            return new SignalResult(SignalStatus.Published, await pending.Completion, []);
        }

        // The last gateway may answer between the wait and this check: then none is pending, and the receipt is final.
        var soFar = pending.SoFar(out var pendingGateways);
        return new SignalResult(SignalStatus.Published, soFar, pendingGateways);
    }

    private async ValueTask<bool> TryWaitForRoomAsync(Topic topic, int bytes, long arrivedAt)
    {
        var ready = backplane.ReadyAsync(topic, CancellationToken.None);
        if (ready.IsCompletedSuccessfully)
        {
            return true;
        }

        queues.Requests.Add(bytes);
        var hasRoom = await ready.AsTask().TryWaitAsync(_options.PublishTimeout - timeProvider.GetElapsedTime(arrivedAt), timeProvider);
        queues.Requests.Add(-bytes);
        return hasRoom;
    }

    // Waits twice: for acceptance, until the time of the request is up; for the receipt, only as long as an answer may take.
    private async Task<bool> TryWaitForReceiptAsync(PendingReceipt pending, long arrivedAt)
    {
        var startedAt = timeProvider.GetTimestamp();
        var isAccepted = await pending.Accepted.TryWaitAsync(_options.PublishTimeout - timeProvider.GetElapsedTime(arrivedAt), timeProvider) || !pending.TryGiveUp();
        return pending.Completion.IsCompleted
            || (isAccepted && await pending.Completion.TryWaitAsync(_options.AckTimeout - timeProvider.GetElapsedTime(startedAt), timeProvider));
    }
}
