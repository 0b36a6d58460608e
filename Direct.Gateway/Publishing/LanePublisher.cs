using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;
using Direct.Timing;

namespace Direct.Gateway.Publishing;

/// <summary>
/// Makes the calls of all outboxes. A batch that is sent for the first time shares the calls of a <see cref="PublishPipe"/>, or goes to the silo of this
/// process if there is one. A repeated batch goes to its lane's grain in a call of its own, which does not depend on the shared call or the silo that failed.
/// </summary>
internal sealed partial class LanePublisher
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly IGrainFactory _grains;
    private readonly Guid _publisher;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ILocalPublisher? _local;
    private readonly PublishPipes _pipes;

    /// <param name="grains">The cluster.</param>
    /// <param name="publisher">The id of this process as a publisher.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="local">The silo in this process; null if there is none.</param>
    public LanePublisher(IGrainFactory grains, Guid publisher, TimeProvider timeProvider, ILogger logger, ILocalPublisher? local = null)
    {
        (_grains, _publisher, _timeProvider, _logger, _local) = (grains, publisher, timeProvider, logger, local);
        _pipes = new PublishPipes(grains, this, timeProvider, logger);
    }

    /// <summary>Sends what an outbox holds, until it has nothing to send.</summary>
    public void Send(LaneOutbox outbox)
    {
        var isRepeating = outbox.IsRepeating;
        if (_local is { } local && !isRepeating)
        {
            _ = PublishLocallyAsync(outbox, local); // it does not throw
        }
        else if (isRepeating || _pipes.Find(outbox.Lane) is not { } pipe)
        {
            Background.Post(static work => _ = work.Publisher.SendAloneAsync(work.Outbox), (Publisher: this, Outbox: outbox)); // it does not throw
        }
        else
        {
            pipe.Add(outbox);
        }
    }

    /// <summary>Takes the next batch of an outbox. Returns false if it has none, or after an error, in which case it is tried again later.</summary>
    public bool TryTake(LaneOutbox outbox, out PublishRequest request)
    {
        try
        {
            return outbox.TryTake(out request);
        }
#pragma warning disable CA1031 // Nothing else would continue the lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.LaneFailed(_logger, exception, outbox.Lane);
            _ = SendLaterAsync(outbox);
            request = default;
            return false;
        }
    }

    /// <summary>Ends the call of an outbox and starts what follows.</summary>
    /// <param name="outbox">The outbox.</param>
    /// <param name="answer">The answer; null if there was none.</param>
    public void EndCall(LaneOutbox outbox, PublishAnswer? answer)
    {
        _pipes.Learn(outbox.Lane, answer);
        if (TryContinue(outbox, answer))
        {
            Send(outbox);
        }
    }

    // Returns whether the next batch must be sent now.
    private bool TryContinue(LaneOutbox outbox, PublishAnswer? answer)
    {
        try
        {
            var next = outbox.EndCall(answer, out var uncollected);
            if (uncollected is { } batch)
            {
                _ = CollectAsync(outbox, batch);
            }

            if (next is not LaneOutbox.NextStep.SendLater)
            {
                return next is LaneOutbox.NextStep.Send;
            }
        }
#pragma warning disable CA1031 // Nothing else would continue the lane.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.LaneFailed(_logger, exception, outbox.Lane);
        }

        _ = SendLaterAsync(outbox);
        return false;
    }

    // Begins in the thread that publishes: the silo of this process accepts a batch in less time than a thread takes to start.
    private async Task PublishLocallyAsync(LaneOutbox outbox, ILocalPublisher local)
    {
        if (!TryTake(outbox, out var request))
        {
            return;
        }

        PublishAnswer? answer = null;
        try
        {
            answer = (await local.PublishAsync([request])).Answers[0];
        }
#pragma warning disable CA1031 // The batch is sent again after any exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PublishFailed(_logger, exception, outbox.Lane);
        }

        if (TryContinue(outbox, answer))
        {
            await Task.Yield(); // the next batch is of other callers, and must not keep the thread of the first
            Send(outbox);
        }
    }

    private async Task SendAloneAsync(LaneOutbox outbox)
    {
        if (!TryTake(outbox, out var request))
        {
            return;
        }

        PublishAnswer? answer = null;
        try
        {
            answer = await outbox.Lane.Grain(_grains).PublishAsync(request.Batch, request.ExpectedEpoch);
        }
#pragma warning disable CA1031 // The batch is sent again after any exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PublishFailed(_logger, exception, outbox.Lane);
        }

        EndCall(outbox, answer);
    }

    private async Task SendLaterAsync(LaneOutbox outbox)
    {
        var delay = FirstRetryDelay;
        for (var failure = 1; failure < outbox.Failures && delay < LongestRetryDelay; failure++)
        {
            delay = Backoff.Next(delay, LongestRetryDelay);
        }

        await Task.Delay(delay, _timeProvider);
        Send(outbox);
    }

    private async Task CollectAsync(LaneOutbox outbox, UncollectedBatch batch)
    {
        while (true)
        {
            try
            {
                if (outbox.EndCollecting(batch, await TryCollectAsync(outbox.Lane, batch)))
                {
                    return;
                }
            }
#pragma warning disable CA1031 // The top of a loop: nothing else would collect the receipts.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.LaneFailed(_logger, exception, outbox.Lane);
            }

            await Task.Delay(FirstRetryDelay, _timeProvider);
        }
    }

    private async ValueTask<PublishAnswer?> TryCollectAsync(Lane lane, UncollectedBatch batch)
    {
        try
        {
            return await lane.Grain(_grains).CollectAsync(_publisher, batch.Sequence);
        }
#pragma warning disable CA1031 // The receipts are collected again after any exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.PublishFailed(_logger, exception, lane);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.PublishFailed, LogLevel.Debug, "Publishing through lane {Lane} failed, trying again")]
        public static partial void PublishFailed(ILogger logger, Exception exception, Lane lane);

        [LoggerMessage(GatewayEventIds.LaneFailed, LogLevel.Error, "An error in lane {Lane}, which continues")]
        public static partial void LaneFailed(ILogger logger, Exception exception, Lane lane);
    }
}
