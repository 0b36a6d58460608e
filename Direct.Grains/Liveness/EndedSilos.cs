using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Liveness;

/// <summary>
/// Finds silos whose process has ended, and votes to give them up, long before they have missed enough probes. For that it keeps an idle connection with each active silo.
/// The evidence: the connection was closed from the other side, and then the system there refuses new ones, because nothing listens.
/// </summary>
/// <remarks>
/// A firewall can refuse connections with a silo that lives, and reset those that are there, but it does not close them in an orderly way. A host that is gone closes and refuses
/// nothing; its silo is left to the probes.
/// </remarks>
internal sealed partial class EndedSilos(
    ISiloConnector connector,
    IDeathVotes votes,
    IClusterMembershipService membership,
    ILocalSiloDetails local,
    TimeProvider timeProvider,
    ILogger<EndedSilos> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int RefusalsToVote = 2;

    // A process that ends may close its connections before its listener.
    private const int LeastLooks = 3;

    // Over seven seconds: a vote is lost if it is written together with another silo's, and by then probes have been missed too.
    private const int MostLooks = 10;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan VotePatience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(EndedSilos), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        var watches = new Dictionary<SiloAddress, (Task Watch, CancellationTokenSource End)>();
        while (!_stopping.IsCancellationRequested)
        {
            foreach (var silo in membership.CurrentSnapshot.Members.Keys.Where(silo => IsActive(silo) && !silo.Equals(local.SiloAddress)))
            {
                if (!watches.ContainsKey(silo))
                {
                    var end = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                    watches.Add(silo, (WatchAsync(silo, end.Token), end));
                }
            }

            foreach (var (silo, (watch, end)) in watches.Where(entry => !IsActive(entry.Key)).ToList())
            {
                await EndAsync(watch, end);
                watches.Remove(silo);
            }

            await Task.Delay(Period, timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var (watch, end) in watches.Values)
        {
            await EndAsync(watch, end);
        }
    }

    private static async Task EndAsync(Task watch, CancellationTokenSource end)
    {
        await end.CancelAsync();
        await watch;
        end.Dispose();
    }

    private bool IsActive(SiloAddress silo) =>
        membership.CurrentSnapshot.Members.TryGetValue(silo, out var member) && member.Status is SiloStatus.Active;

    private async Task WatchAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        while (IsActive(silo))
        {
            try
            {
                if (await connector.ConnectUntilClosedAsync(silo, cancellationToken))
                {
                    await LookAsync(silo, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of a loop: after any exception the silo is left to the probes, and watched again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.WatchFailed(logger, exception, silo);
            }

            await Task.Delay(Period, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task LookAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        var delay = FirstDelay;
        var refusals = 0;
        for (var looks = 1; looks <= MostLooks && IsActive(silo); looks++)
        {
            if (!await connector.IsRefusedAsync(silo, cancellationToken))
            {
                if (looks >= LeastLooks)
                {
                    return;
                }
            }
            else if (++refusals >= RefusalsToVote)
            {
                if (refusals == RefusalsToVote)
                {
                    Log.Ended(logger, silo);
                }

                if (!await TryVoteAsync(silo, cancellationToken))
                {
                    looks--; // while the table cannot be written, nobody else can give the silo up either
                }
            }

            await Task.Delay(delay, timeProvider, cancellationToken);
            delay = refusals > RefusalsToVote ? Backoff.Next(delay, LongestDelay) : delay;
        }
    }

    private async Task<bool> TryVoteAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(VotePatience);
        try
        {
            await votes.VoteAsync(silo, patience.Token);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // After any exception of the database's client the vote is not written.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.VoteFailed(logger, exception, silo);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.SiloEnded, LogLevel.Warning, "Silo {Silo} has closed its connection and nothing listens at its address: its process has ended, and this silo votes to give it up")]
        public static partial void Ended(ILogger logger, SiloAddress silo);

        [LoggerMessage(GrainEventIds.SiloVoteFailed, LogLevel.Debug, "The vote to give silo {Silo} up could not be written; it is tried again")]
        public static partial void VoteFailed(ILogger logger, Exception exception, SiloAddress silo);

        [LoggerMessage(GrainEventIds.SiloWatchFailed, LogLevel.Debug, "Watching whether silo {Silo} has ended failed; it is left to the probes, and watched again")]
        public static partial void WatchFailed(ILogger logger, Exception exception, SiloAddress silo);
    }
}
