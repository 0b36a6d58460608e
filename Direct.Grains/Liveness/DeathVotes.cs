using Microsoft.Extensions.DependencyInjection;

namespace Direct.Grains.Liveness;

/// <inheritdoc />
/// <remarks>
/// What is public in Orleans declares a silo dead without asking anybody (<see cref="IClusterMembershipService.TryKill"/>). The vote is not public.
/// </remarks>
internal sealed class DeathVotes(IServiceProvider services) : IDeathVotes
{
    private const string Membership = "Orleans.Runtime.MembershipService.IMembershipManager";

    private readonly Func<SiloAddress, SiloAddress?, CancellationToken, Task<bool>> _suspect = Find(services);

    public Task VoteAsync(SiloAddress silo, CancellationToken cancellationToken) => _suspect(silo, null, cancellationToken);

    private static Func<SiloAddress, SiloAddress?, CancellationToken, Task<bool>> Find(IServiceProvider services)
    {
        var manager = typeof(SiloLifecycleSubject).Assembly.GetType(Membership, throwOnError: true)!;
        return manager.GetMethod("TrySuspectSilo")!
            .CreateDelegate<Func<SiloAddress, SiloAddress?, CancellationToken, Task<bool>>>(services.GetRequiredService(manager));
    }
}
