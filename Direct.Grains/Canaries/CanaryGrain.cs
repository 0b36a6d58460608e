using Direct.Grains.Gateways;
using Direct.Grains.Members;
using Orleans.Concurrency;

namespace Direct.Grains.Canaries;

/// <inheritdoc cref="ICanaryGrain" />
/// <remarks>Reentrant, because a canary that waits for a silo that hangs must not hold up the next.</remarks>
[GrainType("direct.canaries"), StatelessWorker, Reentrant]
internal sealed class CanaryGrain(SiloMembers silos, IGrainFactory grains, TimeProvider timeProvider) : Grain, ICanaryGrain
{
    // Shorter than the caller's timeout, so that the other silos are told of although one of them hangs.
    private static readonly TimeSpan LongestForwarding = TimeSpan.FromSeconds(1);

    public async ValueTask<SentCanary[]> SendAsync(Guid gateway, long number) =>
        await Task.WhenAll(silos.Read().Where(static silo => silo.Status is SiloStatus.Active).Select(async silo => new SentCanary(silo.Name, await SendAsync(silo, gateway, number))));

    private async Task<CanaryOutcome> SendAsync(SiloMember silo, Guid gateway, long number)
    {
        if (silo.Version is null)
        {
            return CanaryOutcome.Unknown;
        }

        try
        {
            var lane = grains.GetGrain<ICanaryLaneGrain>(silo.Address.ToParsableString());
            var isSent = await lane.SendAsync(gateway, number).AsTask().WaitAsync(LongestForwarding, timeProvider);
            return isSent ? CanaryOutcome.Sent : CanaryOutcome.NotSent;
        }
#pragma warning disable CA1031 // After any exception the canary counts as not sent: the gateway counts it as failed.
        catch (Exception)
#pragma warning restore CA1031
        {
            return CanaryOutcome.NotSent;
        }
    }
}
