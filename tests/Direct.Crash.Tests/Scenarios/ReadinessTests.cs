using System.Text.Json;
using Direct.Crash.Tests.Clusters;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Time;

namespace Direct.Crash.Tests.Scenarios;

/// <summary>Tests that gateways stay ready at <c>/readyz</c>, which load balancers poll, when a silo fails.</summary>
public sealed class ReadinessTests(DatabaseFixture database)
{
    // Canaries that fail for 10 s, and a lease that is not renewed for 15 s, would make the gateway not ready within this time.
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(17);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kill_OneOfTwoSilos_EveryGatewayStaysReady(bool hostsRegistry)
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        await using var cluster = await CrashCluster.StartAsync(database.Database!, database.NextClusterId(), new ClusterPlan());
        foreach (var gateway in cluster.Gateways)
        {
            await Deadline.UntilAsync("canaries arrive through both silos", async () => await CanariesAsync(gateway) is [true, true], TimeSpan.FromSeconds(30));
        }

        (hostsRegistry ? cluster.RegistrySilo : cluster.OtherSilo).Process.Kill();

        await Task.WhenAll(cluster.Gateways.Select(StayReadyAsync));
        foreach (var gateway in cluster.Gateways)
        {
            Assert.Equal([true], await CanariesAsync(gateway)); // the status no longer lists the dead silo
        }
    }

    private static async Task StayReadyAsync(GatewayNode gateway)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        do
        {
            using var response = await gateway.Process.Http.GetAsync(new Uri("/readyz", UriKind.Relative));
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            await Task.Delay(50);
        }
        while (TimeProvider.System.GetElapsedTime(startedAt) < Watched);
    }

    // Returns for each silo whether its last canary has arrived.
    private static async Task<IReadOnlyList<bool>> CanariesAsync(GatewayNode gateway)
    {
        using var response = await gateway.Process.Http.GetAsync(new Uri("/!direct-cluster", UriKind.Relative));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        using var status = JsonDocument.Parse(body);
        var self = status.RootElement.GetProperty("gateways").EnumerateArray().Single(each => each.GetProperty("name").GetString() == gateway.Target.Name);
        return [.. self.GetProperty("canaries").EnumerateArray().Select(canary => canary.GetProperty("ok").GetBoolean())];
    }
}
