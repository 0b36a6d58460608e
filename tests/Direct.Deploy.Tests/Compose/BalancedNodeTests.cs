using Direct.Testing.Http;
using Direct.Testing.WebSockets;

namespace Direct.Deploy.Tests.Compose;

/// <summary>Tests a node through the load balancer of the compose cluster.</summary>
public sealed class BalancedNodeTests(BalancedNode node) : IClassFixture<BalancedNode>
{
    private const string Authorization = "Authorization: Bearer " + BalancedNode.Key;

    [Fact]
    public async Task Signal_OfTheLongestMessageByGet_ReachesABrowser()
    {
        _ = BalancerConfiguration.Program;
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(node.WebSockets);
        await browser.JoinAsync(7, 1);
        await browser.SyncAsync();
        var message = new string('ä', 32 * 1024); // 64 KiB; each byte becomes three characters when encoded

        var answer = await RawHttp.RequestAsync(node.Signals, "GET", $"/!direct-signal?part=7,1,0&message={Uri.EscapeDataString(message)}", Authorization);

        Assert.True(answer.Status == 200, $"{answer}");
        Assert.Contains("\"delivered\":1", answer.Text, StringComparison.Ordinal);
        Assert.Equal(message, await browser.ReceiveTextAsync());
    }

    [Fact]
    public async Task Address_ThatAStrangerMadeUp_IsNotBelieved()
    {
        _ = BalancerConfiguration.Program;
        var handshake = HandshakeOptions.Default.With("X-Forwarded-For", "203.0.113.7").With("CF-Connecting-IP", "203.0.113.7").With("X-Real-IP", "203.0.113.7");
        await using var browser = await ProtocolClient.ConnectWithTokenAsync(node.WebSockets, options: handshake);
        await browser.JoinAsync(8, 1);
        await browser.SyncAsync();

        var answer = await RawHttp.RequestAsync(node.Signals, "GET", "/!direct-users?part=8,1,0", Authorization);

        Assert.Contains("-144953630", answer.Text, StringComparison.Ordinal); // the id of 127.0.0.1, the address that haproxy saw
        Assert.DoesNotContain("-265253088", answer.Text, StringComparison.Ordinal); // the id of 203.0.113.7
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/readyz")]
    [InlineData("/!direct")]
    public async Task Port_ForSignals_HasNothingElse(string path)
    {
        _ = BalancerConfiguration.Program;

        var answer = await RawHttp.RequestAsync(node.Signals, "GET", path, Authorization);

        Assert.Equal(404, answer.Status);
        Assert.Contains("Only /!direct-signal", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/!direct-signal?part=0,0,0&message=hello")]
    [InlineData("/readyz")]
    public async Task Port_ForBrowsers_HasNoSignals(string path)
    {
        _ = BalancerConfiguration.Program;

        var answer = await RawHttp.RequestAsync(node.WebSockets, "GET", path, Authorization);

        Assert.Equal(404, answer.Status);
    }
}
