using System.Text.Json;
using Direct.Testing;
using Direct.Testing.Databases;
using Direct.Testing.Http;
using Direct.Testing.Processes;

namespace Direct.Silo.Tests.Local;

[Collection(nameof(Alone))]
public sealed class LocalClusterTests : IAsyncDisposable
{
    private readonly LocalCluster _cluster = new();

    [Fact]
    public async Task Up_OfAWholeCluster_IsReadyAndShownAndStopped()
    {
        SlowTests.SkipIfUnwanted();
        Assert.SkipWhen(MariaDb.WhyMissing is not null, MariaDb.WhyMissing ?? "");
        var port = FreePort.Take();
        try
        {
            await _cluster.DoAsync("up", "--silos", "1", "--gateways", "1", "--port", $"{port}", "--balancer", "0", "env=test");
            Assert.Equal(200, (await RawHttp.RequestAsync(port, "GET", "/readyz")).Status);

            var status = await _cluster.StatusAsync();
            Assert.Equal([port], await _cluster.PortsAsync("gateways"));
            Assert.Single(await _cluster.PortsAsync("silos"));
            Assert.True(status.GetProperty("database").GetProperty("pid").GetInt32() > 0);
            Assert.Equal(JsonValueKind.Null, status.GetProperty("balancer").GetProperty("port").ValueKind);

            var again = await _cluster.RunAsync("up", "--port", $"{FreePort.Take()}");
            Assert.Equal(1, again.ExitCode);
            Assert.Contains("already", again.Output, StringComparison.Ordinal);

            var unknown = await _cluster.RunAsync("restart", "gateway", $"{port + 1}");
            Assert.Equal(1, unknown.ExitCode);
            Assert.Contains($"no gateway on port {port + 1}", unknown.Output, StringComparison.Ordinal);

            await _cluster.KillAsync("gateways", port);
        }
        finally
        {
            var down = await _cluster.DoAsync("down");
            Assert.DoesNotContain("was killed", down, StringComparison.Ordinal);
        }

        var line = await _cluster.DoAsync("status", "--json");
        Assert.Equal("""{"balancer":{"port":null,"pid":null},"database":{"port":null,"pid":null},"silos":[],"gateways":[]}""", line.Trim());
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
