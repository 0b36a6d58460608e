using System.Net;
using System.Net.Sockets;
using Direct.Testing.Http;
using Direct.Testing.Processes;

namespace Direct.Node.Tests.Access;

public sealed class NetworkNode() : AccessNode(
    "Direct:Identity:TrustedProxies:0=none",
    "Direct:Signals:AllowedNetworks:0=127.0.0.16/29",
    "Direct:Signals:AllowedNetworks:1=127.0.1.1",
    "Direct:Signals:FailedAttemptsPerMinute=0");

public sealed class NetworkTests(NetworkNode node) : IClassFixture<NetworkNode>
{
    [Theory]
    [InlineData("127.0.0.16")]
    [InlineData("127.0.0.23")]
    [InlineData("127.0.1.1")]
    public async Task Call_FromAnAllowedNetwork_IsTaken(string from)
    {
        await node.AssertAcceptedAsync(from: from);
        await node.AssertAcceptedAsync("&key=whatever", ["Authorization: Bearer whatever"], from);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.15")]
    [InlineData("127.0.0.24")]
    [InlineData("127.0.1.2")]
    public async Task Call_FromElsewhere_Is403(string from)
    {
        await node.AssertRefusedAsync(403, from: from);
        await node.AssertRefusedAsync(403, $"&key={AccessNode.Key}", from: from);
    }

    [Fact]
    public async Task Call_FromElsewhere_IsToldItsAddress()
    {
        var answer = await RawHttp.RequestFromAsync(IPAddress.Parse("127.0.0.9"), node.Port, "GET", "/!direct-signal");

        Nodes.Answers.AssertProblem(answer, 403, "127.0.0.9", "Direct:Signals:AllowedNetworks");
    }

    [Theory]
    [InlineData("::/0", 200, 403)]
    [InlineData("0.0.0.0/0", 403, 200)]
    public async Task Call_ByEitherFamilyOnADualStackSocket_IsComparedInItsOwn(string network, int status6, int status4)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        await using var other = await NodeProcess.StartAsync(
            "cluster=none", "env=production", "sessions=none", "Direct:Endpoints:Address=*", $"Direct:Signals:AllowedNetworks:0={network}");
        const string Target = "/!direct-signal?part=0,0,0&message=hello";

        using var by6 = await other.Http.GetAsync(new Uri($"http://[::1]:{other.Port}{Target}"), TestContext.Current.CancellationToken);
        using var by4 = await other.Http.GetAsync(new Uri($"http://127.0.0.1:{other.Port}{Target}"), TestContext.Current.CancellationToken);

        Assert.Equal((status6, status4), ((int)by6.StatusCode, (int)by4.StatusCode));
    }

    // Container images often set this variable. The framework would then take the peer address from X-Forwarded-For, even when the client wrote it.
    [Fact]
    public async Task Call_WhereTheFrameworkIsToldToBelieveHeaders_IsJudgedByItsPeer()
    {
        await using var other = await NodeProcess.StartAsync(new NodeOptions
        {
            Arguments =
            [
                "cluster=none", "env=production", "sessions=none", "Direct:Identity:TrustedProxies:0=none", "Direct:Signals:AllowedNetworks:0=10.0.0.0/8",
            ],
            Environment = new Dictionary<string, string> { ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true" },
        });

        var answer = await RawHttp.RequestAsync(
            other.Port, "GET", "/!direct-signal?part=0,0,0&message=hello", "X-Forwarded-For: 10.0.0.1", "X-Forwarded-Proto: https");

        Nodes.Answers.AssertProblem(answer, 403, "127.0.0.1");
    }

    [Theory]
    [InlineData(false, "Direct:Identity:TrustedProxies:0=127.0.0.1")]
    [InlineData(true, "Direct:Signals:Keys:0=6f1e0d9a55c84b7a9e21")]
    public async Task Start_WithNetworksAndNoProxyNamed_WarnsThatAnyoneNearMayClaimThem(bool isWarned, string argument)
    {
        await using var other = await NodeProcess.StartAsync(
            "cluster=none", "env=production", "sessions=none", "Direct:Signals:AllowedNetworks:0=10.0.0.0/8", argument);

        await other.WaitForOutputAsync("Signals are accepted from");

        Assert.Equal(isWarned, other.Output.Any(line => line.Contains("Direct:Identity:TrustedProxies is not", StringComparison.Ordinal)));
    }
}
