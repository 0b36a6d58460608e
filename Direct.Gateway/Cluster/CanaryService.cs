using Direct.Gateway.Canaries;
using Direct.Grains.Gateways;
using Direct.Timing;
using Microsoft.Extensions.Options;

namespace Direct.Gateway.Cluster;

/// <summary>Sends a canary through each silo again and again while this gateway holds a lease. <see cref="CanaryBoard"/> judges what arrives.</summary>
internal sealed class CanaryService(
    IGrainFactory grains, GatewayLease lease, CanaryBoard board, IOptions<CanaryOptions> options, TimeProvider timeProvider) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (interval, timeout) = (options.Value.Interval, options.Value.Timeout);
        if (interval == TimeSpan.Zero)
        {
            return;
        }

        while (await timeProvider.TryDelayAsync(interval - timeout, stoppingToken))
        {
            if (lease.Id is { } gateway)
            {
                var sending = SendAsync(gateway, board.Begin());
                await timeProvider.TryDelayAsync(timeout, stoppingToken);
                board.End(sending.IsCompleted ? await sending : null, lease.IsRenewed);
            }
            else
            {
                board.Reset();
                await timeProvider.TryDelayAsync(timeout, stoppingToken);
            }
        }
    }

    private async Task<IReadOnlyCollection<SentCanary>?> SendAsync(Guid gateway, long number)
    {
        try
        {
            return await grains.GetGrain<ICanaryGrain>(0).SendAsync(gateway, number);
        }
        catch (ArgumentException)
        {
            return []; // no silo knows this grain: all of them are of 0.1.0
        }
#pragma warning disable CA1031 // After any exception the round has no answer; the next one is tried all the same.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
