using System.Net;
using System.Reflection;
using Direct.Grains.Hosting;
using Direct.Grains.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MySqlConnector;

namespace Direct.Silo.Hosting;

/// <summary>
/// Makes the silo use the time of its cluster instead of the wall clock of its machine. Silos compare the times that they write into the table of
/// members. A silo whose clock is behind would be considered dead, or joining for too long.
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
            return; // a cluster of this silo only
        }

        var (now, lastGeneration) = await ReadAsync(run.SiloAddress.Endpoint);
        run.Generation = Math.Max(run.Generation + (int)(now - clock.GetUtcNow()).TotalSeconds, lastGeneration + 1);
        clock.Set(now);
        GiveToOrleans();
    }

    // Returns the time of this cluster, from which all its silos start, and the highest generation of a silo at an address. The time is that of the
    // database, or the newest that a silo wrote, so that it never goes back either.
    private async Task<(DateTime Now, int LastGeneration)> ReadAsync(IPEndPoint address)
    {
        const string Sql = """
            SELECT GREATEST(UTC_TIMESTAMP(3), COALESCE(MAX(IAmAliveTime), UTC_TIMESTAMP(3))),
                COALESCE(MAX(CASE WHEN Address = @address AND Port = @port THEN Generation END), 0)
            FROM OrleansMembershipTable
            WHERE DeploymentId = @cluster;
            """;
        await using var connection = database.NewConnection();
        await connection.OpenAsync();
        await using var command = new MySqlCommand(Sql, connection);
        command.Parameters.AddWithValue("@cluster", cluster.Value.ClusterId);
        command.Parameters.AddWithValue("@address", address.Address.ToString());
        command.Parameters.AddWithValue("@port", address.Port);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (DateTime.SpecifyKind(reader.GetDateTime(0), DateTimeKind.Utc), reader.GetInt32(1));
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
