using System.Diagnostics;
using Direct.Node.Tests.Nodes;

namespace Direct.Node.Tests.WebSockets;

public sealed class TokenTimeoutNode() : TestNode("Direct:Connections:TokenTimeout=00:00:01.5");

public sealed class TokenTimeoutTests(TokenTimeoutNode node) : IClassFixture<TokenTimeoutNode>
{
    private static readonly TimeSpan TokenTimeout = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Client_WithoutAToken_IsClosed4003()
    {
        await using var client = await node.ConnectAsync();
        var watch = Stopwatch.StartNew();

        var status = await client.ReceiveCloseAsync();

        Assert.Equal(4003, status.Code);
        Assert.NotEmpty(status.Reason);
        Assert.InRange(watch.Elapsed, TokenTimeout * 0.9, TimeSpan.MaxValue);
    }
}
