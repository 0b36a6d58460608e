using Direct.Node.Tests.Coverage;
using Direct.Node.Tests.Nodes;
using Direct.Testing.WebSockets;

namespace Direct.Node.Tests.WebSockets;

public sealed class OriginNode()
    : TestNode("Direct:Connections:AllowedOrigins:0=https://good.example:443", "Direct:Connections:AllowedOrigins:1=http://localhost:3000/");

[ProtocolRow("WebSocket: origin")]
public sealed class OriginTests(OriginNode node) : IClassFixture<OriginNode>
{
    [Theory]
    [InlineData("https://good.example")]
    [InlineData("http://localhost:3000")]
    public async Task Connect_FromAnAllowedOrigin_IsUpgraded(string origin)
    {
        await using var client = await node.ConnectAsync(HandshakeOptions.Default.With("Origin", origin));

        await client.SyncAsync();
    }

    [Fact]
    public async Task Connect_WithoutAnOrigin_IsUpgraded()
    {
        await using var client = await node.ConnectAsync();

        await client.SyncAsync();
    }

    [Theory]
    [InlineData("https://bad.example")]
    [InlineData("http://good.example")]
    [InlineData("https://good.example.bad.example")]
    [InlineData("https://good.example:8443")]
    [InlineData("https://sub.good.example")]
    [InlineData("null")]
    public async Task Connect_FromAnotherOrigin_Is403(string origin)
    {
        await using var client = await ProtocolClient.QueryAsync(node.Port, HandshakeOptions.Default.With("Origin", origin));

        Assert.Equal(403, client.Response.Status);
    }

    [Fact]
    public async Task Connect_WithTwoOrigins_Is403()
    {
        var options = HandshakeOptions.Default.With("Origin", "https://good.example").With("Origin", "https://bad.example");

        await using var client = await ProtocolClient.QueryAsync(node.Port, options);

        Assert.Equal(403, client.Response.Status);
    }
}
