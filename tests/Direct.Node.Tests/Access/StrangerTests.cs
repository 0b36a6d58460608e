using System.Net;
using Direct.Testing.Http;

namespace Direct.Node.Tests.Access;

/// <summary>Represents a node that allows signals from 10.0.0.0/8 and 127.0.0.5, with a load balancer at 127.0.0.1.</summary>
public sealed class BalancedNode() : AccessNode(
    "Direct:Identity:TrustedProxies:0=127.0.0.1",
    "Direct:Signals:AllowedNetworks:0=10.0.0.0/8",
    "Direct:Signals:AllowedNetworks:1=127.0.0.5",
    "Direct:Signals:FailedAttemptsPerMinute=0");

/// <summary>Tests that a client outside the allowed networks cannot signal, with any forged address headers.</summary>
public sealed class StrangerTests(BalancedNode node) : IClassFixture<BalancedNode>
{
    private const string Stranger = "203.0.113.7";

    private static readonly string[][] Claims =
        [[], ["X-Forwarded-For: 203.0.113.9"], ["X-Real-IP: 203.0.113.9"], ["X-Forwarded-For: unknown"]];

    public static TheoryData<string> Proxies =>
        ["a line of its own", "at the end of his last line", "with a port", "through a second proxy"];

    [Fact]
    public async Task Stranger_WhoCallsTheNodeItself_MayNotSignal() =>
        await AssertNoneMayAsync(headers => RequestAsync(node.Port, "127.0.0.9", headers));

    // The test acts as the load balancer and appends the address of the client, in each of the usual ways.
    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Stranger_BehindALoadBalancer_MayNotSignal(string how) =>
        await AssertNoneMayAsync(headers => RequestAsync(node.Port, "127.0.0.1", Forwarded(headers, Stranger, how)));

    [Theory]
    [MemberData(nameof(Proxies))]
    public async Task Caller_AtAnAllowedAddressBehindALoadBalancer_May(string how)
    {
        foreach (var headers in Claims)
        {
            await node.AssertAcceptedAsync(headers: Forwarded(headers, "10.1.2.3", how));
        }
    }

    [Fact]
    public async Task Stranger_BehindARealLoadBalancer_MayNotSignal()
    {
        Assert.SkipWhen(Haproxy.Program is null, "haproxy is missing; install it: apt-get install haproxy");
        await using var haproxy = await Haproxy.StartAsync(node.Port);

        await AssertNoneMayAsync(headers => RequestAsync(haproxy.Port, "127.0.0.9", headers));

        var allowed = await RequestAsync(haproxy.Port, "127.0.0.5", ["X-Forwarded-For: 203.0.113.9", "X-Real-IP: 203.0.113.9"]);
        Assert.Equal(200, allowed.Status);
    }

    // Asserts that every request is answered 403, or refused earlier with 400, and that no connection receives the message.
    private async Task AssertNoneMayAsync(Func<string[], Task<HttpAnswer>> requestAsync)
    {
        await using var member = await node.EnterAsync();

        foreach (var headers in StrangerHeaders.All)
        {
            var answer = await requestAsync(headers);

            Assert.True(answer.Status is 403 or 400, $"403 expected for {string.Join(" | ", headers)}, got {answer}");
        }

        await member.BroadcastAsync("end");
        Assert.Empty(await member.ReceiveTextsUntilAsync("end"));
    }

    private static string[] Forwarded(string[] headers, string address, string how) => how switch
    {
        "a line of its own" => [.. headers, $"X-Forwarded-For: {address}"],
        "with a port" => [.. headers, $"X-Forwarded-For: {address}:4711"],
        "through a second proxy" => [.. headers, $"X-Forwarded-For: {address}, 127.0.0.1"],
        _ when headers.LastOrDefault(IsForwardedFor) is { } last => [.. headers.Where(header => header != last), $"{last}, {address}"],
        _ => [.. headers, $"X-Forwarded-For: {address}"],
    };

    private static bool IsForwardedFor(string header) => header.StartsWith("X-Forwarded-For:", StringComparison.OrdinalIgnoreCase);

    private static Task<HttpAnswer> RequestAsync(int port, string from, string[] headers) =>
        RawHttp.RequestFromAsync(IPAddress.Parse(from), port, "GET", "/!direct-signal?part=0,0,0&message=stranger", headers);
}
