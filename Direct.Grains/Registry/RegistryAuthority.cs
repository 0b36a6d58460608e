using Direct.Grains.Liveness;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Registry;

/// <summary>Decides whether the registry of this silo may answer, or whether another one may have taken over.</summary>
/// <remarks>
/// A registry on a silo that the cluster has declared dead must not answer, because a silo that polls it would not fence itself. It therefore answers only
/// while every silo that it considers active has polled within <see cref="SiloTimes.FenceAfter"/>, or while the membership table has just confirmed its own silo. If
/// the table cannot be read either, it relies on its gateways: if another registry had taken over, they would be calling that one.
/// </remarks>
internal sealed partial class RegistryAuthority(
    IClusterMembershipService membership,
    SiloAddress silo,
    SiloVersions silos,
    LeaseTable leases,
    TimeProvider timeProvider,
    ILogger logger)
{
    private static readonly TimeSpan FreshFor = SiloTimes.FenceAfter;
    private static readonly TimeSpan RefreshPatience = TimeSpan.FromMilliseconds(500);

    private Task _refreshing = Task.CompletedTask;
    private long _refreshedAt = timeProvider.GetTimestamp();

    /// <summary>Returns when the registry may answer.</summary>
    /// <exception cref="InvalidOperationException">It is not certain that this silo was not given up.</exception>
    public async Task ConfirmAsync()
    {
        if (silos.AllPolledWithin(FreshFor) || timeProvider.GetElapsedTime(_refreshedAt) <= FreshFor)
        {
            return;
        }

        if (_refreshing.IsCompleted)
        {
            _refreshing = RefreshAsync();
        }

        await _refreshing.TryWaitAsync(RefreshPatience, timeProvider);
        if (!membership.IsMember(silo))
        {
            throw new InvalidOperationException($"Silo {silo} is not active any more.");
        }

        if (timeProvider.GetElapsedTime(_refreshedAt) > FreshFor && !leases.HaveAllRequestedWithin(SiloTimes.WitnessFor))
        {
            throw new InvalidOperationException(
                $"Silo {silo} cannot tell whether the cluster has given it up: not all silos and gateways ask it, and the membership table cannot be read.");
        }
    }

    private async Task RefreshAsync()
    {
        var startedAt = timeProvider.GetTimestamp();
        try
        {
            // Orleans joins a read that is under way, and that one may have begun before. A second read cannot have.
            await membership.Refresh();
            await membership.Refresh();
            _refreshedAt = startedAt;
        }
#pragma warning disable CA1031 // After any exception of the database's client the table has not been read.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RefreshFailed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.RefreshFailed, LogLevel.Debug, "Reading the membership table failed")]
        public static partial void RefreshFailed(ILogger logger, Exception exception);
    }
}
