using Direct.Deploy.Tests.Settings;
using Direct.Testing;
using Direct.Testing.Processes;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Tests the form of the load balancer's settings; <see cref="BalancedNodeTests"/> runs them.</summary>
public sealed class BalancerTests
{
    [Fact]
    public async Task Haproxy_AskedAboutTheFile_FindsItValid()
    {
        await using var haproxy = Command.Start(BalancerConfiguration.Program, ["-c", "-f", BalancerConfiguration.FilePath]);

        await haproxy.EndsWellAsync();
        LogLines.AssertNone(haproxy.Output.Split('\n'), line => line.Contains("[WARNING]", StringComparison.Ordinal) && !line.Contains("could not resolve", StringComparison.Ordinal));
    }

    [Fact]
    public void RequestLines_OfTheLongestSignal_FitIntoABuffer()
    {
        var line = (3 * ProgramSettings.Gateway.Default("Direct:Signals:MaxMessageBytes")) + 4096;
        var headers = 32 * 1024; // the limit of Kestrel

        Assert.True(int.Parse(BalancerConfiguration.One("tune.bufsize"), System.Globalization.CultureInfo.InvariantCulture) >= line + headers);
    }

    [Fact]
    public void Tunnels_OfIdleWebSockets_OutlastTheLongestPause() =>
        Assert.True(BalancerConfiguration.Seconds(BalancerConfiguration.One("timeout tunnel")) > 3600); // Direct:Connections:PingInterval may be an hour

    [Fact]
    public void HealthChecks_OfGatewaysThatDrain_NoticeBeforeThePortCloses()
    {
        var told = BalancerConfiguration.One("default-server").Split(' ');

        Assert.Equal("meth GET uri /readyz ver HTTP/1.1 hdr Host gateway", BalancerConfiguration.One("http-check send"));
        Assert.Equal("status 200", BalancerConfiguration.One("http-check expect"));
        Assert.Equal("9085", After("port"));
        var (interval, falls) = (BalancerConfiguration.Seconds(After("inter")), int.Parse(After("fall"), System.Globalization.CultureInfo.InvariantCulture));
        Assert.True((interval * falls) + BalancerConfiguration.Seconds(BalancerConfiguration.One("timeout check")) < EndTimes.GatewayReadyDelay);

        string After(string word) => told[Array.IndexOf(told, word) + 1];
    }

    [Theory]
    [InlineData("frontend websockets")]
    [InlineData("frontend signals")]
    public void Addresses_OfStrangers_AreTakenOutAndSetAnew(string frontend)
    {
        var lines = BalancerConfiguration.Section(frontend);

        string[] deleted = ["X-Forwarded- -m beg", "Forwarded", "X-Real-IP", "CF-Connecting-IP"];
        Assert.All(deleted, header => Assert.Contains($"http-request del-header {header}", lines));
        Assert.Equal("http-request set-header X-Forwarded-For %[src]", lines.Last(line => line.StartsWith("http-request set-header", StringComparison.Ordinal)));
    }

    [Fact]
    public void Servers_OfBothBackends_AreTheGatewaysOfTheComposeFile()
    {
        Assert.Equal(["server gateway-1 gateway-1:8085", "server gateway-2 gateway-2:8085"], Servers("backend gateways"));
        Assert.Equal(["server gateway-1 gateway-1:9085", "server gateway-2 gateway-2:9085"], Servers("backend signals"));
        Assert.Contains("gateway-1", ComposeFile.Read().Services.Keys);
        Assert.Contains("gateway-2", ComposeFile.Read().Services.Keys);
        Assert.Equal(["./compose/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"], ComposeFile.List(ComposeFile.Read().Services["haproxy"], "volumes"));
    }

    [Fact]
    public void Log_OfRequests_HasNoQuery() => Assert.EndsWith("%HM %HPO\"", BalancerConfiguration.One("log-format"), StringComparison.Ordinal); // a query may contain a key

    private static IEnumerable<string> Servers(string backend) => BalancerConfiguration.Section(backend).Where(line => line.StartsWith("server ", StringComparison.Ordinal));
}
