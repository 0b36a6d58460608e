using Direct.Grains.Gateways;
using Direct.Grains.Links;
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
    GrainMetrics metrics,
    TimeProvider timeProvider,
    ILogger<RegistryPoller> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private Task _polling = Task.CompletedTask;

    // Runs from when the silo is a member until its last grain has moved: grains that remain while it stops must know the gateways.
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(RegistryPoller), ServiceLifecycleStage.Active, StartAsync, static _ => Task.CompletedTask);
        lifecycle.Subscribe(nameof(RegistryPoller), ServiceLifecycleStage.ApplicationServices, static _ => Task.CompletedTask, StopAsync);
    }

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Begin();
        _polling = Task.Run(PollAsync, CancellationToken.None);
        return Task.CompletedTask;
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
