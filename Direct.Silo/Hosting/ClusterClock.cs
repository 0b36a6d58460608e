using System.Reflection;
using Direct.Grains.Hosting;
using Direct.Silo.Schema;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Direct.Silo.Hosting;

/// <summary>
/// Makes the silo go by the time in its cluster instead of the wall clock of its machine. Silos judge each other by the times that they
/// write into the table of members: one whose clock is behind would be taken for dead, or for one that has been joining for too long.
/// </summary>
internal sealed class ClusterClock(
    SteadyTimeProvider clock, SiloRun run, MembershipDatabase database, IOptions<ClusterOptions> cluster, IServiceProvider services)
{
    private const string Membership = "Orleans.Runtime.MembershipService.IMembershipManager";

    /// <summary>Sets the clock, before the silo starts.</summary>
    public async Task SetAsync()
    {
        if (!cluster.Value.IsMySql)
        {
            return; // a cluster of this silo alone
        }

        var (now, lastGeneration) = await database.ReadClockAsync(run.SiloAddress.Endpoint);
        run.Generation = Math.Max(run.Generation + (int)(now - clock.GetUtcNow()).TotalSeconds, lastGeneration + 1);
        clock.Set(now);
        GiveToOrleans();
    }

    // Orleans takes a TimeProvider nearly everywhere. Here it reads the wall clock, through a property and a field that are not public.
    private void GiveToOrleans()
    {
        const BindingFlags NotPublic = BindingFlags.Instance | BindingFlags.NonPublic;
        var manager = services.GetRequiredService(typeof(SiloLifecycleSubject).Assembly.GetType(Membership, throwOnError: true)!);
        manager.GetType().GetProperty("GetDateTimeUtcNow", NotPublic)!.SetValue(manager, (Func<DateTime>)(() => clock.GetUtcNow().UtcDateTime));
        manager.GetType().GetField("siloStartTime", NotPublic)!.SetValue(manager, clock.GetUtcNow().UtcDateTime);
    }
}
