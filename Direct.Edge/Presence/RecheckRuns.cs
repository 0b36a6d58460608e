using Direct.Edge.Backplane;
using Direct.Edge.Diagnostics;
using Direct.Edge.Lifetime;
using Direct.Edge.Rights;
using Direct.Edge.Topics;
using Microsoft.Extensions.Logging;

namespace Direct.Edge.Presence;

/// <summary>
/// Runs the rechecks of rights that backends ask for, one for each id, and reports how far they are. So a query never waits for look-ups, however many
/// there are, and a gateway that does not answer is noticed as fast as for any other query.
/// </summary>
internal sealed partial class RecheckRuns(RoomRights rights, MembershipRecheck recheck, TimeProvider timeProvider, ILogger<RecheckRuns> logger) : IDisposable
{
    /// <summary>The time after its last query after which a run is cancelled, because the caller has given up.</summary>
    public static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, RecheckRun> _runs = [];

    /// <summary>Gets the number of runs that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _runs.Count;
            }
        }
    }

    /// <summary>Starts the recheck with this id when it is asked for the first time, and returns how far it is.</summary>
    public GatewayResponse Read(Guid id, Target part)
    {
        if (rights.IsOpen)
        {
            return new GatewayResponse(0) { Recheck = new RecheckStatus(RecheckState.NotChecked) };
        }

        if (id == Guid.Empty)
        {
            return new GatewayResponse(0); // a silo of 0.1.0 has dropped the id, and drops the status too
        }

        lock (_gate)
        {
            if (!_runs.TryGetValue(id, out var run))
            {
                _runs.Add(id, run = new RecheckRun(AbandonAfter, token => RunAsync(part, token), timeProvider));
                run.Abandoned.Register(() => Forget(id));
            }

            return new GatewayResponse(0) { Recheck = run.Read() };
        }
    }

    public void Dispose()
    {
        RecheckRun[] runs;
        lock (_gate)
        {
            runs = [.. _runs.Values];
        }

        Array.ForEach(runs, static run => run.Cancel());
    }

    private async Task<RecheckStatus> RunAsync(Target part, CancellationToken cancellationToken)
    {
        try
        {
            var result = await Task.Run(() => recheck.RunAsync(part, cancellationToken), cancellationToken);
            return new RecheckStatus(result.IsComplete ? RecheckState.Complete : RecheckState.Incomplete, result.Checked, result.Removed);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new RecheckStatus(RecheckState.Incomplete);
        }
#pragma warning disable CA1031 // The top of a run: the backend must learn that it has ended.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, part);
            return new RecheckStatus(RecheckState.Incomplete);
        }
    }

    private void Forget(Guid id)
    {
        lock (_gate)
        {
            if (_runs.Remove(id, out var run))
            {
                run.Dispose();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EdgeEventIds.RecheckFailed, LogLevel.Error, "The recheck of rights that a backend asked for failed: target {Part}")]
        public static partial void Failed(ILogger logger, Exception exception, Target part);
    }
}
