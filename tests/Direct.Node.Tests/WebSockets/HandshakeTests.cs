using System.Text;
using Direct.Node.Tests.Nodes;
using Direct.Testing.Http;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

[Collection(nameof(OnPlainNode))]
public sealed class HandshakeTests(TestNode node)
{
    private static readonly string[] Upgrade =
        ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];

    [Theory]
    [InlineData("/!direct")]
    [InlineData("/%21direct")]
    [InlineData("/%21%64irect")]
    [InlineData("/!direct?")]
    [InlineData("/!direct?a=b&c=%zz&part=1,2,3")]
    [InlineData("/%21direct?x=/../..//")]
    public async Task Connect_ToAKnownPath_IsUpgraded(string path)
    {
        await using var client = await node.ConnectAsync(new HandshakeOptions { Path = path });

        await client.SyncAsync();
    }

    [Theory]
    [InlineData("/!DIRECT")]
    [InlineData("/!Direct")]
    [InlineData("/!direct/")]
    [InlineData("//!direct")]
    [InlineData("/!direct/x")]
    [InlineData("/!direc")]
    [InlineData("/!directs")]
    [InlineData("/direct")]
    [InlineData("/%21DIRECT")]
    [InlineData("/%21direct/")]
    [InlineData("/%2521direct")]
    [InlineData("/")]
    public async Task Connect_ToAnotherPath_Is404(string path)
    {
        await using var client = await ProtocolClient.QueryAsync(node.Port, new HandshakeOptions { Path = path });

        Assert.Equal(404, client.Response.Status);
    }

    [Theory]
    [InlineData("plain request")]
    [InlineData("no upgrade", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("no connection", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("other protocol", "Upgrade: h2c", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")]
    [InlineData("no key", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")]
    [InlineData("empty key", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: ")]
    [InlineData("short key", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhl")]
    [InlineData("key not base64", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==")]
    public async Task Get_ThatIsNoUpgrade_IsRefusedWithASentence(string why, params string[] headers)
    {
        var request = string.Join("\r\n", ["GET /!direct HTTP/1.1", $"Host: 127.0.0.1:{node.Port}", .. headers]) + "\r\n\r\n";

        var answer = await RawHttp.SendAsync(node.Port, request);

        Assert.True(answer.Status is 400 or 426, $"{why}: 400 or 426 expected, got {answer}");
        Assert.Contains(' ', answer.Text);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Upgrade_ByAnotherMethod_IsRefused(string method)
    {
        var request = string.Join("\r\n", [$"{method} /!direct HTTP/1.1", $"Host: 127.0.0.1:{node.Port}", "Content-Length: 0", .. Upgrade]) + "\r\n\r\n";

        var answer = await RawHttp.SendAsync(node.Port, request);

        Assert.True(answer.Status is 400 or 405 or 426, $"a refusal expected, got {answer}");
    }

    [Theory]
    [InlineData("8")]
    [InlineData("12")]
    [InlineData("14")]
    [InlineData("013")]
    [InlineData("")]
    [InlineData("thirteen")]
    [InlineData(null)]
    public async Task Connect_WithAnotherVersion_Is400Naming13(string? version)
    {
        var request = new HandshakeOptions { Version = version, Connection = "Upgrade" }.Render(node.Port);

        var answer = await RawHttp.SendAsync(node.Port, request);

        Assert.Equal(400, answer.Status);
        Assert.Contains("13", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_OnAConnectionThatServedARequestBefore_IsUpgraded()
    {
        await using var client = await ProtocolClient.OpenAsync(node.Port);
        await client.SendRawAsync("HEAD /none HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await client.ReadResponseAsync();
        Assert.Equal(404, client.Response.Status);

        await client.SendRawAsync(Encoding.ASCII.GetBytes(HandshakeOptions.Default.Render(node.Port)));
        await client.ReadResponseAsync();

        Assert.Equal(101, client.Response.Status);
        await client.SyncAsync();
    }

    [Fact]
    public async Task Connect_OfferingExtensionsAndSubProtocols_AcceptsNone()
    {
        var options = HandshakeOptions.Default
            .With("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")
            .With("Sec-WebSocket-Protocol", "chat, superchat");

        // ConnectAsync itself throws when the response accepts either.
        await using var client = await node.ConnectAsync(options);

        await client.SyncAsync();
    }

    [Fact]
    public async Task Connect_SendingFramesWithTheHandshake_HandlesThemInOrder()
    {
        var (group, channel) = (node.NewNumber(), node.NewNumber());
        byte[] early =
        [
            .. ClientFrame.Text("token").Encode(), .. ClientFrame.Text($"{group},{channel}").Encode(), .. ClientFrame.Text(":early").Encode(),
        ];

        await using var client = await node.ConnectAsync(new HandshakeOptions { Early = early });

        Assert.Equal("early", await client.ReceiveTextAsync());
    }
}
