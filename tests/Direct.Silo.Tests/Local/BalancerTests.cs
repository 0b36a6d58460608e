using System.Net;
using Direct.Testing.Http;
using Direct.Testing.Processes;
using Direct.Testing.Time;
using Direct.Testing.WebSockets;

namespace Direct.Silo.Tests.Local;

/// <summary>Tests the load balancer configuration of <c>deploy/local/up</c> with a real haproxy before scripted gateways.</summary>
public sealed class BalancerTests : IAsyncLifetime
{
    private const string Signal = "/!direct-signal?part=1,2,0&message=hello";

    // The frame has no mask, as one of a server, because the gateway echoes it.
    private static readonly byte[] TextFrame = [0x81, 3, .. "yes"u8];

    private readonly ScriptedGateway _first = new(FreePort.Take());
    private readonly ScriptedGateway _second = new(FreePort.Take());
    private Balancer? _balancer;

    private int Port => _balancer!.Port;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Balancer.WhyMissing is not null, Balancer.WhyMissing ?? "");
        _balancer = await Balancer.StartAsync(_first, _second);
    }

    [Fact]
    public async Task Request_WithAddressesOfAStranger_NamesHimAlone()
    {
        await RawHttp.RequestFromAsync(
            IPAddress.Parse("127.0.0.9"), Port, "GET", Signal,
            "X-Forwarded-For: 203.0.113.1", "x-forwarded-for: 203.0.113.2, 10.0.0.1", "X-Forwarded-Host: bank", "X-Forwarded-Proto: https",
            "Forwarded: for=203.0.113.3", "X-Real-IP: 203.0.113.4", "CF-Connecting-IP: 203.0.113.5", "Authorization: Bearer key");

        var head = Assert.Single(Requests());
        var lines = head.Split("\r\n");
        Assert.Equal(["x-forwarded-for: 127.0.0.9"], lines.Where(line => line.Contains("127.0.0.9", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("forwarded", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("203.0.113", head, StringComparison.Ordinal);
        Assert.Contains("authorization: Bearer key", lines);
    }

    [Fact]
    public async Task Get_OfTheLongestSignal_PassesWhole()
    {
        var target = "/!direct-signal?part=1,2,0&message=" + string.Concat(Enumerable.Repeat("%C3%BC", 32 * 1024));
        var headers = Enumerable.Range(0, 4).Select(number => $"X-Long-{number}: {new string('x', 7 * 1024)}").ToArray();

        var answer = await RawHttp.RequestAsync(Port, "GET", target, headers);

        Assert.Equal(200, answer.Status);
        Assert.Equal($"GET {target} HTTP/1.1", Assert.Single(Requests()).Split("\r\n")[0]);
    }

    [Fact]
    public async Task Request_GatewayDiedUnnoticed_GoesToTheOtherOne()
    {
        _first.StopListening();

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(200, (await RawHttp.RequestAsync(Port, "GET", Signal)).Status);
        }

        Assert.Empty(_first.Requests);
    }

    [Fact]
    public async Task Signal_GatewayEndsBeforeItsAnswer_IsNotRepeated()
    {
        (_first.IsSilent, _second.IsSilent) = (true, true);

        var answer = await RawHttp.RequestAsync(Port, "GET", Signal);

        Assert.Equal(502, answer.Status);
        Assert.Contains("Repeat the signal with the same id", answer.Text, StringComparison.Ordinal);
        Assert.Single(Requests());
    }

    [Fact]
    public async Task Drain_OneGatewayNotReady_KeepsItsConnectionsAndGetsNoMore()
    {
        await using var one = await ProtocolClient.ConnectAsync(Port);
        await using var other = await ProtocolClient.ConnectAsync(Port);
        Assert.Equal((1, 1), (_first.Requests.Count, _second.Requests.Count)); // the next connection goes to the gateway with fewer connections

        _first.IsReady = false;
        await Balancer.NoticeAsync(_first);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(200, (await RawHttp.RequestAsync(Port, "GET", Signal)).Status);
        }

        Assert.Equal((1, 11), (_first.Requests.Count, _second.Requests.Count));
        foreach (var client in new[] { one, other })
        {
            await client.SendRawAsync(TextFrame);
            Assert.Equal("yes", await client.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task Handshake_OneGatewayHasFewer_GoesThere()
    {
        _second.IsReady = false;
        await Balancer.NoticeAsync(_second);
        await using var first = await ProtocolClient.ConnectAsync(Port);
        await using var second = await ProtocolClient.ConnectAsync(Port);
        await using var third = await ProtocolClient.ConnectAsync(Port);
        Assert.Equal((3, 0), (_first.Requests.Count, _second.Requests.Count));

        _second.IsReady = true;
        await Balancer.NoticeAsync(_second);
        await using var fourth = await ProtocolClient.ConnectAsync(Port);
        await using var fifth = await ProtocolClient.ConnectAsync(Port);
        await using var sixth = await ProtocolClient.ConnectAsync(Port);

        Assert.Equal((3, 3), (_first.Requests.Count, _second.Requests.Count));
    }

    [Fact]
    public async Task Request_NoGatewayReady_IsRefusedInWords()
    {
        (_first.IsReady, _second.IsReady) = (false, false);
        await Balancer.NoticeAsync(_first);
        await Balancer.NoticeAsync(_second);

        var answer = await RawHttp.RequestAsync(Port, "GET", Signal);

        Assert.Equal(503, answer.Status);
        Assert.Equal("1", answer.Header("Retry-After"));
        Assert.Contains("No gateway is ready", answer.Text, StringComparison.Ordinal);
        Assert.Empty(Requests());

        _second.IsReady = true;
        await Deadline.UntilAsync(
            "the ready one is passed to", async () => (await RawHttp.RequestAsync(Port, "GET", Signal)).Status == 200);
    }

    public async ValueTask DisposeAsync()
    {
        if (_balancer is not null)
        {
            await _balancer.DisposeAsync();
        }

        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private string[] Requests() => [.. _first.Requests, .. _second.Requests];
}
