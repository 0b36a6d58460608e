using Direct.Gateway.Diagnostics;
using Direct.Grains.Topics;

namespace Direct.Gateway.Cluster;

/// <summary>Calls the lanes of topics that this gateway keeps, about nothing that a client waits for.</summary>
internal sealed partial class KeptLaneCalls(IGrainFactory grains, ILogger<KeptLaneCalls> logger)
{
    /// <summary>Calls a lane once. Returns false if it must be called again: it says so, or the call has failed. A silo that is older than the call has nothing to do.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="call">Returns whether the lane has done what is wanted.</param>
    /// <param name="ended">Ends the wait, which then throws.</param>
    public async Task<bool> TryAsync(Lane lane, Func<ILaneGrain, ValueTask<bool>> call, CancellationToken ended)
    {
        try
        {
            return await call(lane.Grain(grains)).AsTask().WaitAsync(ended);
        }
        catch (TypeLoadException)
        {
            return true;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The top of a loop: after any exception the call is tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, lane);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GatewayEventIds.KeptLaneCallFailed, LogLevel.Debug, "Calling lane {Lane} about the topics that this gateway keeps failed, trying again")]
        public static partial void Failed(ILogger logger, Exception exception, Lane lane);
    }
}
