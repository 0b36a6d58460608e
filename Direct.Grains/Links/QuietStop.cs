using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Direct.Grains.Links;

/// <summary>
/// Ends the deliveries of a silo that stops, before the other silos know that it does. From then on they do not forward answers of gateways to it, so what was being delivered would be
/// delivered again only after its call has timed out. Its lanes refuse what comes meanwhile; gateways try again within 0.2 s, and find the lanes elsewhere.
/// </summary>
internal sealed class QuietStop(LiveGateways gateways, IOptions<SiloMessagingOptions> options, TimeProvider timeProvider) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>The time in which gateways turn to other silos, before this one refuses anything.</summary>
    public static readonly TimeSpan NoticeTime = TimeSpan.FromSeconds(0.3);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    // The stage in which Orleans tells the gateways. In the next one it tells the silos.
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(QuietStop), ServiceLifecycleStage.Active, static _ => Task.CompletedTask, StopAsync);

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(options.Value.ClientGatewayShutdownNotificationTimeout, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        gateways.BeginStopping();
        var startedAt = timeProvider.GetTimestamp();
        while (!gateways.IsIdle && timeProvider.GetElapsedTime(startedAt) < Patience && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
