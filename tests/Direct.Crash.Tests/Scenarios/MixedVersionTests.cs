using System.Net;
using System.Text.Json;
using Direct.Crash.Tests.Clusters;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>
/// Tests a gateway of this version among gateways and silos of the newest release, which support neither <c>/!direct-cluster</c> nor canaries. The
/// status lists old gateways as missing and gives no version for old silos.
/// </summary>
public sealed class MixedVersionTests(DatabaseFixture database, ReleasedPrograms released) : IClassFixture<ReleasedPrograms>
{
    // Canaries that fail for 10 s would make the gateway not ready within this time.
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Gateway_AmongSilosAndGatewaysOfTheRelease_IsReadyAndTellsWhatIsOld()
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var old = released.Build;
        await using var own = await MariaDb.StartAsync();
        await using var cluster = await CrashCluster.StartAsync(own, database.NextClusterId(), new ClusterPlan { Programs = old, Gateways = 1 });
        var oldGateway = cluster.Gateways[0];
        cluster.Programs = ProgramBuild.Current;
        await cluster.ApplySchemaAsync();
        var gateway = await cluster.StartGatewayAsync();

        // No silo supports the query or canaries.
        await StayReadyAsync(gateway);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await ReadAsync(gateway)).Status);
        Assert.DoesNotContain("direct_gateway_canary_failures_total{", await GetAsync(gateway, "/metrics"), StringComparison.Ordinal);

        await ReplaceAsync(cluster, cluster.Silos[0]);
        await UntilCanariesAsync(gateway, 1);
        var (_, mixed) = await ReadAsync(gateway);
        Assert.Equal([gateway.Target.Name], mixed.GetProperty("gateways").EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        Assert.Equal($"false [\"{oldGateway.Target.Name}\"]", $"{mixed.GetProperty("complete").GetRawText()} {mixed.GetProperty("missing").GetRawText()}");
        Assert.Single(mixed.GetProperty("silos").EnumerateArray(), silo => silo.GetProperty("version").ValueKind is JsonValueKind.Null);

        await ReplaceAsync(cluster, cluster.Silos[1]);
        await UntilCanariesAsync(gateway, 2);
    }

    private static async Task ReplaceAsync(CrashCluster cluster, SiloNode silo)
    {
        await silo.Process.TerminateAsync();
        Assert.Equal(0, await silo.Process.WaitForExitAsync(Patience));
        await cluster.StartSiloAsync(silo);
    }

    private static Task UntilCanariesAsync(GatewayNode gateway, int count)
    {
        var last = "";
        return Deadline.UntilAsync(
            $"{count} canaries arrive",
            async () =>
            {
                var (status, cluster) = await ReadAsync(gateway);
                last = $"{status} {cluster}";
                return status is HttpStatusCode.OK
                    && cluster.GetProperty("gateways").EnumerateArray().Single(each => each.GetProperty("name").GetString() == gateway.Target.Name)
                        .GetProperty("canaries").EnumerateArray().Count(canary => canary.GetProperty("ok").GetBoolean()) == count;
            },
            Patience,
            () => last);
    }

    private static async Task StayReadyAsync(GatewayNode gateway)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        do
        {
            Assert.Equal("ready\n", await GetAsync(gateway, "/readyz"));
            await Task.Delay(100);
        }
        while (TimeProvider.System.GetElapsedTime(startedAt) < Watched);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Cluster)> ReadAsync(GatewayNode gateway)
    {
        using var response = await gateway.Process.Http.GetAsync(new Uri("/!direct-cluster", UriKind.Relative));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return (response.StatusCode, json.RootElement.Clone());
    }

    private static async Task<string> GetAsync(GatewayNode gateway, string path)
    {
        using var response = await gateway.Process.Http.GetAsync(new Uri(path, UriKind.Relative));
        return await response.Content.ReadAsStringAsync();
    }
}
