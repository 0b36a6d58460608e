using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Grains.Liveness;

/// <inheritdoc />
/// <remarks>
/// What is public in Orleans declares a silo dead without asking anybody (<see cref="IClusterMembershipService.TryKill"/>). The vote is not public. The votes of missed probes wait in a
/// queue, which pauses for up to a minute after some of them could not be written (MembershipTableManager in 10.4.2). This vote does not use that queue.
/// </remarks>
internal sealed class DeathVotes(IServiceProvider services) : IDeathVotes
{
    private const string Membership = "Orleans.Runtime.MembershipService.IMembershipManager";

    private readonly Func<SiloAddress, SiloAddress?, CancellationToken, Task<bool>> _suspect = Find(services);

    public Task VoteAsync(SiloAddress silo, CancellationToken cancellationToken) => _suspect(silo, null, cancellationToken);

    private static Func<SiloAddress, SiloAddress?, CancellationToken, Task<bool>> Find(IServiceProvider services)
    {
        var manager = services.GetRequiredService(typeof(SiloLifecycleSubject).Assembly.GetType(Membership, throwOnError: true)!);
        return manager.GetType().GetMethod("InnerTryToSuspectOrKill", BindingFlags.Instance | BindingFlags.NonPublic)!
            .CreateDelegate<Func<SiloAddress, SiloAddress?, CancellationToken, Task<bool>>>(manager);
    }
}
