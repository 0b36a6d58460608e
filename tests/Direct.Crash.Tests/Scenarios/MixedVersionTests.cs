using System.Net;
using System.Text.Json;
using Direct.Crash.Tests.Clusters;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

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

    /// <summary>
    /// Tests gateways with direct.2 on silos that know neither <c>subscribe-kept</c> nor <c>fetch</c>. Nothing is kept there, so a client that comes back
    /// is told of gaps, but it can join, and what is sent while it is connected arrives once.
    /// </summary>
    [Fact]
    public async Task Direct2_OnSilosOfTheRelease_JoinsRoomsAndIsToldOfGaps()
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var plan = new ClusterPlan { Programs = released.Build, Gateways = 0, GatewayArguments = ["Direct:Connections:Direct2=true"] };
        await using var own = await MariaDb.StartAsync();
        await using var cluster = await CrashCluster.StartAsync(own, database.NextClusterId(), plan);
        cluster.Programs = ProgramBuild.Current;
        await cluster.ApplySchemaAsync();
        var (one, other) = (await cluster.StartGatewayAsync(), await cluster.StartGatewayAsync());
        await using var original = await ProtocolClient.ConnectWithTokenAsync(other.Process.Port);
        await original.JoinAsync(7, 1);
        await original.SyncAsync();

        string[] topics = ["0,0,0", "0,1,0", "7,0,0", "7,1,0"];
        foreach (var gateway in (GatewayNode[])[one, other, one])
        {
            await using var client = await ProtocolClient.ConnectAsync(gateway.Process.Port, HandshakeOptions.Direct2);
            await client.SendTextAsync(string.Join('\n', ["auth token", .. topics.Select(static topic => $"since {topic} 0"), "join 7,1"]));
            var told = await client.ReceiveUntilAsync(static text => text.StartsWith("at 0,0,0 ", StringComparison.Ordinal));
            Assert.Equal(topics, Direct2Texts.Gaps(told));
            Assert.Contains("joined 7,1", told);

            string[] texts = [.. Enumerable.Range(0, 20).Select(i => $"{gateway.Target.Name} {i}")];
            foreach (var (i, text) in texts.Index())
            {
                Assert.Equal(2, (await (i % 2 == 0 ? one : other).Process.SignalAsync(i % 4 < 2 ? "7,1,0" : "7,0,0", text)).Delivered);
                Assert.Equal(text, await original.ReceiveTextAsync());
            }

            var count = 0;
            var received = (await client.ReceiveUntilAsync(text => text.Contains('\n', StringComparison.Ordinal) && ++count == texts.Length))
                .Where(static text => text.Contains('\n', StringComparison.Ordinal)).ToArray();
            Assert.Equal(texts.Order(StringComparer.Ordinal), Direct2Texts.Payloads(received).Order(StringComparer.Ordinal));
            Assert.All(received, static text => Assert.EndsWith(" 0", text.Split('\n')[0], StringComparison.Ordinal));
        }

        LogLines.AssertNone([.. one.Process.Output, .. other.Process.Output], LogLines.IsWarningOrError);

        // Orleans logs a call that a silo does not know there; the gateway gets the same exception.
        var others = Array.Empty<string>();
        await Deadline.UntilAsync("silos complain of nothing else", () => (others = [.. cluster.Silos.SelectMany(static silo => OtherErrors(silo.Process.Output))]).Length == 0, Patience, () => string.Join('\n', others));
    }

    // A busy machine makes a call wait until it has expired.
    private static IEnumerable<string> OtherErrors(IEnumerable<string> lines) => LogLines.Entries(lines, LogLines.IsError).Where(static entry =>
        !(entry.Contains("System.TypeLoadException: Unable to resolve type alias", StringComparison.Ordinal) && entry.Contains("\"subscribe-kept\")\".", StringComparison.Ordinal))
        && !entry.Contains("Message expired", StringComparison.Ordinal));

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
