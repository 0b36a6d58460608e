using Direct.Grains.Gateways;
using Direct.Grains.Links;
using Direct.Grains.Liveness;
using Direct.Timing;
using Microsoft.Extensions.Logging;

namespace Direct.Grains.Registry;

/// <summary>
/// Keeps this silo's table of live gateways up to date by polling the registry continuously. Each answer also permits the silo to continue.
/// </summary>
internal sealed partial class RegistryPoller(
    IGrainFactory grains,
    ILocalSiloDetails local,
    IClusterMembershipService membership,
    LiveGateways gateways,
    DepartedSilos departed,
    GrainMetrics metrics,
    TimeProvider timeProvider,
    ILogger<RegistryPoller> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // A poll times out after a second, which Orleans checks once a second.
    private static readonly TimeSpan LastPollPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private Task _polling = Task.CompletedTask;

    // Runs from when the silo is a member until its last grain has moved: grains that remain while it stops must know the gateways. If no other silo is active, it
    // ends in the stage before the one in which the membership says that this silo stops.
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(RegistryPoller), ServiceLifecycleStage.Active, StartAsync, StopIfAloneAsync);
        lifecycle.Subscribe(nameof(RegistryPoller), ServiceLifecycleStage.ApplicationServices, static _ => Task.CompletedTask, StopAsync);
    }

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Begin();
        _polling = Task.Run(PollAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    // After that stage no silo can host the registry. Orleans would then log a poll that is in flight as an error.
    private async Task StopIfAloneAsync(CancellationToken cancellationToken)
    {
        if (membership.ActiveSilos().All(silo => silo.Equals(local.SiloAddress)))
        {
            await _stopping.CancelAsync();
            await _polling.TryWaitAsync(LastPollPatience, timeProvider);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _polling.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PollAsync()
    {
        var registry = grains.GetGrain<IGatewayRegistryGrain>(0);
        var sendEntries = false;
        while (!_stopping.IsCancellationRequested)
        {
            departed.Look();
            if (!CanSomebodyHostIt())
            {
                // The last silo is stopping, so there is no other silo to ask.
                await Task.Delay(RetryDelay, timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            var startedAt = timeProvider.GetTimestamp();
            try
            {
                var known = sendEntries ? gateways.Table : gateways.Table with { Entries = [] };
                var answer = await registry.PollAsync(local.SiloAddress, known, sendEntries);
                sendEntries = answer.Status is PollStatus.SendEntries;
                if (answer.Status is PollStatus.Current)
                {
                    gateways.Confirm(answer.Table, startedAt);
                    continue;
                }
            }
#pragma warning disable CA1031 // The top of a loop: after any exception the silo must poll again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.Failed(logger, exception);
            }

            if (!sendEntries)
            {
                await Task.Delay(RetryDelay, timeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool CanSomebodyHostIt() => membership.CurrentSnapshot.Members.Values.Any(static member => member.Status is SiloStatus.Active);

    private static partial class Log
    {
        [LoggerMessage(GrainEventIds.PollFailed, LogLevel.Debug, "Asking the gateway registry failed")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
