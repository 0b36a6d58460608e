using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Topics;

/// <summary>Recovers the lane of one activation when that is needed for the first time. The turns of the grain use it; the recovery itself runs outside them.</summary>
/// <remarks>
/// While no gateway can keep topics there is nothing to recover, and nothing runs. A gateway that comes later keeps nothing of the lane before it has
/// subscribed here, so it is enough to recover at its first subscription with keep.
/// </remarks>
internal sealed partial class LaneRecoveryRun(LaneRouter router, LaneRecoveryContext context)
{
    /// <summary>Specifies how long a call waits. It is shorter than the timeout of its caller, so that the caller learns that it must try again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    private Task _running = Task.CompletedTask;
    private Action? _cancel;

    /// <summary>Returns whether the lane must recover before it accepts anything. The lobby is never kept.</summary>
    public bool IsNeededFor(Lane lane) => lane.Scope is not TopicScope.Lobby && !router.HasLog && context.Gateways.HasKeepers;

    /// <summary>Gets whether a recovery is running.</summary>
    public bool IsRunning => !_running.IsCompleted;

    /// <summary>Recovers the lane, unless it has recovered. Returns whether it has, after <see cref="Patience"/> at the latest.</summary>
    public async ValueTask<bool> TryRecoverAsync(Lane lane)
    {
        if (!router.HasLog && !context.Gateways.IsFenced)
        {
            Begin(lane);
            await _running.TryWaitAsync(Patience, context.TimeProvider);
        }

        return router.HasLog;
    }

    /// <summary>Begins to recover the lane if it must recover, and does not wait.</summary>
    public void BeginIfNeeded(Lane lane)
    {
        if (IsNeededFor(lane) && !context.Gateways.IsFenced)
        {
            Begin(lane);
        }
    }

    /// <summary>Waits until no recovery is running.</summary>
    public Task WaitAsync() => _running;

    /// <summary>Ends the recovery, at the end of the activation.</summary>
    public void End() => _cancel?.Invoke();

    private void Begin(Lane lane)
    {
        if (!IsRunning)
        {
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var ended = new CancellationTokenSource();
            (_running, _cancel) = (end.Task, ended.Cancel);
            Background.Run(() => RunAsync(lane, end, ended.Token));
        }
    }

    private async Task RunAsync(Lane lane, TaskCompletionSource end, CancellationToken ended)
    {
        try
        {
            var recovery = new LaneRecovery(lane, router.Epoch, context, ended);
            if (await recovery.RunAsync() is { } recovered)
            {
                router.Restore(recovered);
                end.SetResult();
                await recovery.RefillAsync(recovered.Ballot, router.Refill);
            }
        }
#pragma warning disable CA1031 // The top of a background task: after any exception the next call tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(context.Logger, exception, lane);
        }
        finally
        {
            end.TrySetResult();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.RecoveryFailed, LogLevel.Error, "Recovering lane {Lane} failed; the next call tries again")]
        public static partial void Failed(ILogger logger, Exception exception, Lane lane);
    }
}
